import { completionsAt, hoverAt, primaryBefore, scanProject, signatureAt, type Place } from "./assist";
import { Library } from "./library";
import { contextAt, logicalLines } from "./lines";
import type { PackageSymbols, SymbolTable } from "./symbols";

const LIBRARY: Record<string, PackageSymbols> = {
  builtins: {
    builtins: {
      m: {
        print: { k: "f", s: "(*args, sep=' ')" },
        str: {
          k: "c",
          m: { upper: { k: "f", s: "()", r: "builtins.str" }, split: { k: "f", r: "builtins.list" } },
        },
        list: { k: "c", m: { append: { k: "f" } } },
        open: { k: "f", r: "io.TextIOWrapper" },
      },
    },
  },
  io: { io: { m: { TextIOWrapper: { k: "c", m: { readline: { k: "f" } } } } } },
  torch: {
    torch: {
      m: {
        Tensor: { k: "c", m: { backward: { k: "f" } } },
        zeros: { k: "f", s: "(*size, dtype=None)", r: "torch.Tensor" },
      },
    },
    "torch.nn": {
      d: "Layers.",
      m: {
        Module: { k: "c", m: { eval: { k: "f", s: "()", d: "For use." } } },
        Linear: {
          k: "c",
          s: "(in_features: int, out_features: int, bias: bool = True)",
          d: "y = xA^T + b.",
          b: ["torch.nn.Module"],
          m: { weight: { k: "v", r: "torch.Tensor" } },
        },
      },
    },
  },
  pandas: {
    pandas: {
      m: {
        DataFrame: { k: "c", m: { head: { k: "f", r: "pandas.DataFrame" } } },
        read_csv: { k: "f", r: "pandas.DataFrame" },
        Series: { k: "c", m: { mean: { k: "f" } } },
      },
    },
  },
  plots: { plots: { m: { pair: { k: "f", r: ["torch.nn.Linear", "pandas.DataFrame"] } } } },
};

type Question<T> = (place: Place, table: SymbolTable, project: ReturnType<typeof scanProject>) => T;

/** Asks at the "|" in the last of the files. */
async function ask<T>(question: Question<T>, files: Record<string, string>): Promise<T> {
  const [path = "", marked = ""] = Object.entries(files).at(-1) ?? [];
  const offset = marked.indexOf("|");
  const source = marked.replace("|", "");
  const project = scanProject({ ...files, [path]: source });
  const library = new Library(Object.keys(LIBRARY), (name) => Promise.resolve(LIBRARY[name] ?? null));
  return library.ask(project, (table) => question({ path, source, offset }, table, project));
}

async function offered(files: Record<string, string> | string): Promise<string[]> {
  const all = typeof files === "string" ? { "main.py": files } : files;
  return (await ask(completionsAt, all)).map(({ name }) => name);
}

test("a module's members are offered through its alias, and only its package is fetched", async () => {
  const fetched: string[] = [];
  const source = "import torch.nn as nn\nnn.Lin";
  const project = scanProject({ "main.py": source });
  const library = new Library(Object.keys(LIBRARY), (name) => {
    fetched.push(name);
    return Promise.resolve(LIBRARY[name] ?? null);
  });
  const found = await library.ask(project, (table) =>
    completionsAt({ path: "main.py", source, offset: source.length }, table, project),
  );
  expect(found.map(({ name }) => name)).toEqual(["Module", "Linear"]);
  expect(found[1]).toMatchObject({ kind: "class", doc: "y = xA^T + b." });
  expect(fetched).toEqual(["torch"]);
});

test.each([
  [
    "an object of a class, with what it inherits",
    "from torch import nn\nmodel = nn.Linear(2, 3)\nmodel.|",
    ["weight", "eval"],
  ],
  ["what a function gives", "import pandas as pd\ndf = pd.read_csv('x')\ndf.|", ["head"]],
  [
    "a chain of calls over several lines",
    "import pandas as pd\n(pd.read_csv('a')\n  .head()\n  .|",
    ["head"],
  ],
  ["a column", "import pandas as pd\npd.read_csv('a')['x'].|", ["mean"]],
  ["a text", "'a b'.|", ["upper", "split"]],
  ["what a text's method gives", "name = f'a{1}'.upper()\nname.|", ["upper", "split"]],
  ["an annotated parameter", "import torch\ndef f(x: torch.Tensor):\n    x.|", ["backward"]],
  ["an annotated variable", "import torch\ny: Optional['torch.Tensor'] = g()\ny.|", ["backward"]],
  ["a file that is opened", "with open('x') as lines:\n    lines.|", ["readline"]],
  [
    "an item of an enumeration",
    "import torch\nfor i, x in enumerate(torch.zeros(3)):\n    x.|",
    ["backward"],
  ],
  ["a part of a tuple", "import plots\nnet, table = plots.pair()\ntable.|", ["head"]],
  ["a network that is called", "from torch import nn\nout = nn.Linear(1, 2)(3)\nout.|", ["backward"]],
  ["modules below", "import torch\ntorch.n|", ["Tensor", "zeros", "nn"]],
  ["what can be imported", "import to|", ["builtins", "io", "main", "pandas", "plots", "torch"]],
  ["modules of a package in an import", "import torch.|", ["nn"]],
  ["what can be imported from a module", "from torch.nn import |", ["Module", "Linear"]],
])("offers the members of %s", async (_what, source, names) => {
  expect(await offered(source)).toEqual(names);
});

test("self has the class's methods, its attributes and what it inherits", async () => {
  const source = `
from torch import nn

class Net(nn.Module):
    """A net."""
    size = 3

    def __init__(self, width: int):
        super().__init__()
        self.layer = nn.Linear(width, 1)

    def forward(self, x):
        self.|
`;
  expect(await offered(source)).toEqual(["size", "__init__", "layer", "forward", "eval"]);
  expect(await offered(source.replace("self.|", "self.layer.|"))).toEqual(["weight", "eval"]);
});

test("another file's classes and functions are known, with their attributes", async () => {
  const files = {
    "models/net.py":
      "import torch\nclass Net(torch.nn.Module):\n    def __init__(self):\n        self.head = torch.nn.Linear(1, 1)\n\ndef build() -> 'Net':\n    return Net()\n",
    "main.py": "from models.net import build, Net\nbuild().|",
  };
  expect(await offered(files)).toEqual(["__init__", "head", "eval"]);
  expect(await offered({ ...files, "main.py": "import models.net as n\nn.Net().head.|" })).toEqual([
    "weight",
    "eval",
  ]);
  expect(await offered({ ...files, "main.py": "from models.net import |" })).toEqual(["Net", "build"]);
});

test("names in sight come from inner to outer scopes, then built-ins and keywords", async () => {
  const names = await offered("import torch\nlimit = 1\ndef f(x):\n    y = 2\n    |\ndef g(z): pass");
  expect(names.slice(0, 6)).toEqual(["x", "y", "torch", "limit", "f", "g"]);
  expect(names).toEqual(expect.arrayContaining(["print", "while"]));
  expect(names).not.toContain("z");
});

test("within a call its parameters' names come first", async () => {
  expect((await offered("from torch import nn\nnn.Linear(3, |")).slice(0, 3)).toEqual([
    "in_features=",
    "out_features=",
    "bias=",
  ]);
});

test.each(["x = 'nn.|'", "# nn.|", '"""\nnn.|\n"""', "unknown.|", "3.|"])(
  "offers nothing in %j",
  async (source) => {
    expect(await offered(source)).toEqual([]);
  },
);

test("a program that is half written is read as far as it goes", async () => {
  const source = "import pandas as pd\nx = f(1,\ndef g():\n    df = pd.read_csv('a'\n    df.|\n";
  expect(
    await offered("import pandas as pd\nx = f(1,\ndef g():\n    df = pd.read_csv('a')\n    df.|\n"),
  ).toEqual(["head"]);
  expect(await offered(source)).toBeInstanceOf(Array);
});

test("what refers to itself comes to an end", async () => {
  expect(await offered("class A(A):\n    pass\nx = x\ny = y.z\ny.|")).toEqual([]);
  expect(await offered("class A(B): pass\nclass B(A): pass\nA().|")).toEqual([]);
});

test("hover shows the signature and the first paragraph", async () => {
  expect(await ask(hoverAt, { "main.py": "import torch.nn as nn\nnn.Lin|ear(1, 2)" })).toEqual({
    title: "class torch.nn.Linear(in_features: int, out_features: int, bias: bool = True)",
    doc: "y = xA^T + b.",
  });
  expect(await ask(hoverAt, { "main.py": "import torch.nn as n|n" })).toEqual({
    title: "module torch.nn",
    doc: "Layers.",
  });
  expect(await ask(hoverAt, { "main.py": "import torch\nx = torch.zeros(3)\nx|" })).toEqual({
    title: "x: torch.Tensor",
    doc: "",
  });
  expect(await ask(hoverAt, { "main.py": "unknown|" })).toBeNull();
});

test("signature help follows the argument, by place and by name", async () => {
  const at = (call: string) => ask(signatureAt, { "main.py": `from torch import nn\n${call}` });
  expect(await at("nn.Linear(|")).toMatchObject({
    label: "Linear(in_features: int, out_features: int, bias: bool = True)",
    active: 0,
  });
  expect(await at("nn.Linear((1, 2), |")).toMatchObject({ active: 1 });
  expect(await at("nn.Linear(3, bias=|")).toMatchObject({ active: 2 });
  expect(await at("nn.Linear(3)|")).toBeNull();
  expect(await at("def f(|")).toBeNull();
});

test("the expression before the cursor is taken whole", () => {
  expect(primaryBefore("x = a.b(c, d)[0]")).toBe("a.b(c, d)[0]");
  expect(primaryBefore("print('x'.upper()")).toBe("'x'.upper()");
  expect(primaryBefore("x = (a + b)")).toBe("(a + b)");
});

test("statements are joined by brackets and backslashes, and comments are left out", () => {
  const source = 'a = [1,  # one\n  2]\nb = 1 + \\\n    2\nc = """x\n# no comment\n"""  # end\n';
  expect(logicalLines(source).map(({ line, endLine, text }) => [line, endLine, text])).toEqual([
    [1, 2, "a = [1,     2]"],
    [3, 4, "b = 1 +     2"],
    [5, 7, 'c = """x\n# no comment\n"""'],
  ]);
  expect(contextAt(source, source.indexOf("no comment"))).toBe("string");
  expect(contextAt(source, source.indexOf("end"))).toBe("comment");
});
