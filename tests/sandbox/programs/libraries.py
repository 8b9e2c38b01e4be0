"""Programs that use what is imported beforehand: numbers, tables, models."""

from server.domain.run import Limits
from tests.sandbox.programs.ways import Program

_TWO = Limits(cpus=2, memory_mb=1536, disk_mb=64, pids=256)
_ONE = Limits(cpus=1, memory_mb=1536, disk_mb=64, pids=256)
# Modules that a library makes or finds when it is used first, whoever does so; see sandbox-image/README.md.
_MODULES = (
    "import sys\nKNOWN = ('cython_runtime', '_cython_', '_cyutility', '_sysconfigdata', 'concurrent.futures.thread', 'queue', '_queue')\n"
    "def seen(name): print(*[m for m in sorted(sys.modules) if not m.startswith(KNOWN)], *[a for a in sorted(vars(sys.modules[name])) if a not in KNOWN], sep='\\n')\n"
)
_DATA, _TORCH = ("data", "bare"), ("torch",)

PROGRAMS = {
    "modules of numpy": Program(_MODULES + "import numpy\nseen('numpy')", ways=("data", "torch", "full")),
    "modules of pandas": Program(_MODULES + "import pandas\nseen('pandas')", ways=("data", "full"), limits=_ONE),
    "modules of sklearn": Program(
        _MODULES + "import sklearn.linear_model\nseen('sklearn')",
        ways=("data", "full"),
        limits=_ONE,
    ),
    "modules of torch": Program(_MODULES + "import torch\nseen('torch')", ways=("torch", "full"), limits=_ONE),
    "modules of a library that is imported alone": Program(
        _MODULES + "import scipy.spatial, joblib\nseen('scipy')",
        ways=("data",),
        limits=_ONE,
    ),
    "numpy": Program(
        "import numpy as np\nprint(np.random.seed(1), np.random.rand(3), np.linalg.inv(np.eye(3) * 2), np.get_printoptions(), np.geterr())\nnp.float64(1) / 0\nprint(np.array(['a', None]), np.show_config)\n"
        "np.testing.assert_array_equal([1], [2])",
        ways=_DATA,
    ),
    "pandas": Program(
        "import pandas as pd, io\nd = pd.read_csv(io.StringIO('a,b\\n1,x\\n2,y'), index_col='a')\nd['t'] = pd.date_range('2020', periods=2, tz='Europe/Berlin')\nprint(d, d.dtypes, d.describe(), pd.get_option('display.width'))\n"
        "d.to_parquet if hasattr(d, 'to_parquet') else 0\nd.to_csv('outputs/d.csv')\nd.to_pickle('outputs/d.pkl')\nprint(pd.read_pickle('outputs/d.pkl').equals(d))\nd.nothing",
        ways=_DATA,
        limits=_ONE,
    ),
    "scikit-learn": Program(
        "from sklearn.datasets import load_iris\nfrom sklearn.ensemble import RandomForestClassifier\nfrom sklearn.linear_model import LogisticRegression\nfrom sklearn.model_selection import cross_val_score, train_test_split\n"
        "from sklearn.pipeline import make_pipeline\nfrom sklearn.preprocessing import StandardScaler\nimport sklearn, pickle\nx, y = load_iris(return_X_y=True)\n"
        "f = RandomForestClassifier(10, n_jobs=2, random_state=0).fit(x, y)\nprint(f.score(x, y), f, pickle.loads(pickle.dumps(f)).predict(x[:3]))\n"
        "print(cross_val_score(make_pipeline(StandardScaler(), LogisticRegression(max_iter=3)), x, y, cv=2))\nprint(sklearn.get_config())\nLogisticRegression(C=-1).fit(x, y)",
        ways=("data",),
        limits=_TWO,
    ),
    "joblib": Program(  # worker processes of loky, started anew; left to the interpreter's end, it warns of its own locks now and then
        "from joblib import Parallel, delayed, Memory\nfrom joblib.externals.loky import get_reusable_executor\nimport math\nprint(Parallel(n_jobs=2)(delayed(math.sqrt)(i) for i in range(4)))\ndef f(x): return x + 1\nprint(Parallel(n_jobs=2)(delayed(f)(i) for i in range(4)))\n"
        "def bad(x): raise ValueError('bad')\ntry: Parallel(n_jobs=2)(delayed(bad)(i) for i in range(2))\nexcept ValueError as e: print(repr(e))\nget_reusable_executor().shutdown(wait=True)",
        ways=("data",),
        limits=_TWO,
    ),
    "threads of the libraries": Program(
        "import os, numpy, sklearn.cluster, threadpoolctl, json\ninfo = [{k: v for k, v in sorted(i.items()) if k != 'filepath'} for i in threadpoolctl.threadpool_info()]\nprint(*sorted(map(str, info)), sep='\\n')\nprint(os.environ['OMP_NUM_THREADS'])",
        ways=("data",),
        limits=_TWO,
    ),
    "threads of torch": Program(
        "import torch, os\nprint(torch.get_num_threads(), torch.__config__.parallel_info())",
        ways=("torch", "full"),
        limits=_TWO,
    ),
    "threads by the environment": Program(
        "import torch\nprint(torch.get_num_threads())", env={"OMP_NUM_THREADS": "3"}, ways=("torch",), limits=_ONE
    ),
    "torch": Program(
        "import torch\nfrom torch import nn\ntorch.manual_seed(3)\nm = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 2))\no = torch.optim.Adam(m.parameters(), lr=.01)\nx, y = torch.randn(16, 4), torch.randint(0, 2, (16,))\n"
        "for _ in range(3):\n    loss = nn.functional.cross_entropy(m(x), y)\n    o.zero_grad(); loss.backward(); o.step()\n    print(loss.item())\nprint(m, x[:2], torch.get_default_dtype(), torch.initial_seed())\n"
        "torch.save(m.state_dict(), 'outputs/m.pt')\nprint(m.load_state_dict(torch.load('outputs/m.pt')))\ntorch.jit.script(m).save('/tmp/j.pt')\nprint(torch.jit.load('/tmp/j.pt')(x[:2]))\nprint(torch.compile, torch.ops.aten.add(x[0], 1))\nx @ y",
        ways=_TORCH,
        limits=_ONE,
    ),
    "workers of a data loader": Program(
        "import torch\nfrom torch.utils.data import DataLoader, Dataset, get_worker_info\nclass D(Dataset):\n    def __len__(self): return 8\n    def __getitem__(self, i): return torch.tensor([i, get_worker_info().id])\n"
        "for b in DataLoader(D(), batch_size=4, num_workers=2): print(b)\nclass Bad(D):\n    def __getitem__(self, i): raise ValueError(i)\nlist(DataLoader(Bad(), num_workers=1))",
        ways=_TORCH,
        limits=_TWO,
    ),
    "processes of torch": Program(
        "import torch, torch.multiprocessing as mp\ndef work(rank, t): t[rank] += rank + 1\nif __name__ == '__main__':\n    t = torch.zeros(2).share_memory_()\n    mp.spawn(work, (t,), 2)\n    print(t)",
        ways=_TORCH,
        limits=_TWO,
    ),
    "a figure": Program(
        "import matplotlib.pyplot as plt, matplotlib\nprint(matplotlib.get_backend(), matplotlib.matplotlib_fname())\nplt.plot([1, 2], [3, 4], label='l')\nplt.legend(); plt.title('t')\nplt.rcParams['svg.hashsalt'] = 'x'\nplt.savefig('outputs/f.svg', metadata={'Date': None})\nplt.show()\nprint(plt.get_fignums())",
        env={"BYTEME_EVENTS": ""},
        ways=("cold",),
        limits=_ONE,
    ),
    "a figure in a warm sandbox": Program(
        "import matplotlib.pyplot as plt, numpy as np\nplt.imshow(np.eye(3))\nplt.savefig('outputs/f.png')\nplt.show()\nprint(plt.get_fignums())",
        env={"BYTEME_EVENTS": ""},
        ways=("data", "full"),
        limits=_ONE,
    ),
    "models in other formats": Program(
        "import numpy as np\nfrom sklearn.linear_model import LogisticRegression\nfrom skl2onnx import to_onnx\nimport onnxruntime\nx = np.random.RandomState(0).rand(20, 3).astype('f')\nm = LogisticRegression().fit(x, x[:, 0] > .5)\n"
        "s = onnxruntime.InferenceSession(to_onnx(m, x[:1]).SerializeToString())\nprint((s.run(None, {'X': x})[0] == m.predict(x)).all())",
        ways=("full",),
        limits=_ONE,
    ),
    "progress bars": Program(
        "from tqdm import tqdm\nimport sys\nfor _ in tqdm(range(3), file=sys.stdout, bar_format='{n}/{total}'): pass\ntqdm.write('x')",
        ways=("data", "full"),
    ),
    "a subclass of the library's, pickled": Program(
        "import pickle, numpy as np, copyreg, re, datetime\nclass A(np.ndarray): pass\na = np.zeros(2).view(A)\nprint(type(pickle.loads(pickle.dumps(a))), pickle.loads(pickle.dumps(np.add)), pickle.loads(pickle.dumps(re.compile('x'))), len(copyreg.dispatch_table))",
        ways=("data", "full"),
    ),
    "importing in threads": Program(
        "import threading\ndone = []\ndef load(name): done.append(__import__(name).__name__)\nthreads = [threading.Thread(target=load, args=(n,)) for n in ('torch', 'numpy', 'pandas', 'sklearn', 'torch', 'scipy')]\n[t.start() for t in threads]\n[t.join() for t in threads]\nprint(sorted(done))",
        ways=("full",),
        limits=_ONE,
    ),
    "a shadow of a library": Program(
        "import numpy\nprint(numpy.x)\nimport pandas",
        files={"numpy/__init__.py": "x = 'mine'"},
        ways=("full",),
        limits=_ONE,
    ),
    "a library that is optional": Program(
        "import torch\nprint(torch.randn(1).shape)",
        files={"triton.py": "print('mine is asked for')\nraise ImportError"},
        ways=("torch",),
        limits=_ONE,
    ),
}
