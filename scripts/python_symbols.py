"""What a program can import in the sandbox image, as JSON for the editor: names, signatures, first paragraphs.

Runs inside the image (scripts/python_symbols.sh), on its standard library only, and writes a tar of one PACKAGE.json
for each top-level package to stdout:

    {"modules": {"torch.nn": {"d": doc, "m": {name: member}}}}

A member is an object, or "=dotted.name" for one that is described elsewhere. An object has `k` ("c" class,
"f" function, "v" value), `s` a signature, `d` a doc, `r` the dotted name of the type it is or gives (a list:
of a tuple's parts), and a class `b` its bases and `m` its own members. What is empty is left out.
"""

import importlib
import inspect
import io
import json
import pkgutil
import re
import sys
import tarfile
import types
import warnings
from collections.abc import Iterator
from typing import IO, Any

# Of these packages every public module that lies directly in them is described; of others, those named below.
WALKED = ["sklearn", "scipy", "byteme"]
NAMED = {
    "numpy": "linalg random fft polynomial",
    "pandas": "api.types plotting",
    "torch": "nn nn.functional nn.init nn.utils nn.utils.rnn nn.parallel optim optim.lr_scheduler utils.data autograd "
    "cuda amp linalg fft special backends.mps distributions",
    "matplotlib": "pyplot figure axes cm colors ticker dates patches lines image animation gridspec",
    "tqdm": "auto",
    "PIL": "Image ImageDraw ImageEnhance ImageFilter ImageFont ImageOps",
    "joblib": "",
    "safetensors": "torch numpy",
    "collections": "abc",
    "concurrent": "futures",
    "email": "message",
    "http": "client server",
    "importlib": "metadata resources",
    "json": "decoder encoder",
    "logging": "config handlers",
    "multiprocessing": "pool shared_memory",
    "os": "path",
    "unittest": "mock",
    "urllib": "error parse request",
    "xml": "etree etree.ElementTree",
}
# They act when imported, need a display, or are of no use to a program in a sandbox.
UNWANTED = {
    "antigravity", "this", "idlelib", "lib2to3", "turtle", "turtledemo", "tkinter", "test", "pydoc_data", "ensurepip",
    "venv", "distutils", "msilib", "curses", "nntplib", "encodings", "nt", "winreg", "winsound", "msvcrt", "opcode",
    "sre_compile",
    "sre_constants", "sre_parse", "xdrlib", "sndhdr", "sunau", "aifc", "chunk", "uu", "telnetlib", "cgi", "cgitb",
}  # fmt: skip
PRIVATE = {"tests", "testing", "conftest", "setup", "externals", "misc", "odr", "fftpack", "version"}
NOISE = re.compile(
    r"(typing|collections\.abc|torch\.types|torch\._C(\._\w+)?|torch|numpy\.typing|numpy|pandas\._typing|pandas\._libs\.\w+(\.\w+)*|"
    r"pandas\.core(\.\w+)*|pandas|builtins|matplotlib\.\w+|datetime|pathlib|os)\.(?=[A-Z_a-z])"
)
SIGNATURE_CHARS, DOC_CHARS = 260, 220
ALIASES = {
    "ndarray": "numpy.ndarray", "array": "numpy.ndarray", "array_like": "numpy.ndarray", "Tensor": "torch.Tensor",
    "DataFrame": "pandas.DataFrame", "Series": "pandas.Series", "Index": "pandas.Index", "str": "builtins.str",
    "string": "builtins.str", "int": "builtins.int", "float": "builtins.float", "bool": "builtins.bool",
    "list": "builtins.list",
    "dict": "builtins.dict", "tuple": "builtins.tuple", "set": "builtins.set", "bytes": "builtins.bytes",
    "File": "io.TextIOWrapper",
}  # fmt: skip
# Results that neither an annotation nor a doc tells. A list is a tuple's parts.
RESULTS: dict[str, str | list[str]] = {
    "builtins.open": "io.TextIOWrapper",
    "matplotlib.pyplot.subplots": ["matplotlib.figure.Figure", "matplotlib.axes.Axes"],
}

Entry = dict[str, Any]


class Index:
    """Every public object has one home: the shortest dotted name it was met under."""

    def __init__(self) -> None:
        self.homes: dict[int, str] = {}
        self.kept: list[Any] = []  # ids are only good while their objects live
        self.modules: dict[str, tuple[types.ModuleType, dict[str, Any]]] = {}

    def settle(self, thing: Any, home: str) -> None:
        if id(thing) not in self.homes:
            self.homes[id(thing)] = home
            self.kept.append(thing)

    def add(self, module: types.ModuleType, name: str) -> None:
        members = dict(public_members(module, name))
        self.modules[name] = (module, members)
        for key, value in members.items():
            if isinstance(value, type) or callable(value):
                self.settle(value, f"{name}.{key}")

    def describe_module(self, name: str) -> Entry:
        module, members = self.modules[name]
        return trimmed(
            d=first_paragraph(module), m={key: self.member(value, f"{name}.{key}") for key, value in members.items()}
        )

    def member(self, value: Any, path: str) -> Entry | str:
        home = self.homes.get(id(value), path)
        if home != path:
            return "=" + home
        if isinstance(value, type):
            return self.describe_class(value)
        if callable(value):
            return self.describe_function(value, None)
        return trimmed(k="v", r=self.homes.get(id(type(value))))

    def describe_class(self, cls: type) -> Entry:
        bases, own = self.lineage(cls)
        members = {name: self.class_member(value, cls) for name, value in own.items()}
        for name, note in annotated(cls):
            members.setdefault(name, trimmed(k="v", r=self.type_of(note, cls)))
        for name in documented_attributes(cls):
            members.setdefault(name, {"k": "v"})
        return trimmed(k="c", s=signature(cls, is_method=False), d=first_paragraph(cls), b=bases, m=members)

    def lineage(self, cls: type) -> tuple[list[str], dict[str, Any]]:
        """The bases that are described themselves, and every member that comes from none of them."""
        bases: list[str] = []
        own: dict[str, Any] = {}
        covered: set[type] = set()
        for ancestor in cls.__mro__:
            if ancestor is object or ancestor in covered:
                continue
            home = self.homes.get(id(ancestor))
            if ancestor is not cls and home:
                bases.append(home)
                covered.update(ancestor.__mro__)
                continue
            for name, value in vars(ancestor).items():
                if not name.startswith("_"):
                    own.setdefault(name, value)
        return bases, own

    def class_member(self, value: Any, cls: type) -> Entry:
        if isinstance(value, staticmethod):
            return self.describe_function(value.__func__, cls, is_method=False)
        if isinstance(value, classmethod):
            return self.describe_function(value.__func__, cls)
        if isinstance(value, property):
            note = getattr(value.fget, "__annotations__", {}).get("return")
            return trimmed(k="v", r=self.type_of(note, cls), d=first_paragraph(value))
        if isinstance(value, type):
            return trimmed(k="c", s=signature(value, is_method=False), d=first_paragraph(value))
        if callable(value) or inspect.isroutine(value):
            return self.describe_function(value, cls)
        is_described = inspect.isdatadescriptor(value)
        return trimmed(
            k="v",
            d=first_paragraph(value) if is_described else None,
            r=None if is_described else self.homes.get(id(type(value))),
        )

    def describe_function(self, function: Any, cls: type | None, *, is_method: bool = True) -> Entry:
        note = getattr(function, "__annotations__", {}).get("return")
        known = RESULTS.get(self.homes.get(id(function), ""))
        gives = known or self.type_of(note, cls, function) or self.documented_result(function, cls)
        return trimmed(
            k="f", s=signature(function, is_method=cls is not None and is_method), d=first_paragraph(function), r=gives
        )

    def type_of(self, note: Any, cls: type | None, function: Any = None) -> str | None:
        """The home of the class an annotation names, the first one of a union."""
        if note is None:
            return None
        if isinstance(note, type) and id(note) in self.homes:
            return self.homes[id(note)]
        words = re.findall(
            r"[A-Za-z_][\w.]*", str(getattr(note, "__name__", None) or note) if not isinstance(note, str) else note
        )
        for word in words[:4]:
            last = word.rsplit(".", 1)[-1]
            if last in {"Self", "Self@", "T"} or (cls and last == cls.__name__):
                return self.homes.get(id(cls)) if cls else None
            if found := self.home_of_name(last, function):
                return found
        return None

    def home_of_name(self, name: str, function: Any) -> str | None:
        value = getattr(function, "__globals__", {}).get(name)
        if isinstance(value, type) and id(value) in self.homes:
            return self.homes[id(value)]
        return ALIASES.get(name)

    def documented_result(self, function: Any, cls: type | None) -> str | None:
        """From "name(..) -> Tensor" or a "Returns" section, as libraries without annotations have them."""
        doc = doc_of(function)
        if arrow := re.match(r"\s*\w+\(.*?\)\s*->\s*([\w.]+)", doc, re.DOTALL):
            return self.type_of(arrow[1], cls, function)
        section = re.search(r"\n\s*Returns\n\s*-{3,}\n\s*([^\n]+)", doc)
        if not section:
            return None
        if cls and re.match(r"self\b", section[1]):
            return self.homes.get(id(cls))
        return self.type_of(section[1].split(" : ", 1)[-1], cls, function)


def trimmed(**fields: Any) -> Entry:
    return {key: value for key, value in fields.items() if value or (key == "m" and value is not None)}


def doc_of(thing: Any) -> str:
    try:
        doc = thing.__doc__
    except Exception:
        return ""
    return inspect.cleandoc(doc) if isinstance(doc, str) else ""


def first_paragraph(thing: Any) -> str:
    paragraphs = re.split(r"\n\s*\n", doc_of(thing))
    if paragraphs and re.match(r"\w[\w.]*\(", paragraphs[0]):
        paragraphs = paragraphs[1:]
    text = " ".join(paragraphs[0].split()) if paragraphs else ""
    text = re.sub(r":\w+:`~?([^`]*)`", r"\1", text).replace("``", "")
    return text if len(text) <= DOC_CHARS else text[:DOC_CHARS].rsplit(" ", 1)[0] + " …"


def signature(thing: Any, *, is_method: bool) -> str:
    try:
        whole = inspect.signature(thing)
    except (ValueError, TypeError):
        return documented_signature(thing)
    except Exception:
        return ""
    parameters = [parameter.replace(annotation=bare(parameter.annotation)) for parameter in whole.parameters.values()]
    if is_method and parameters and parameters[0].name in {"self", "cls", "mcs"}:
        parameters = parameters[1:]
    plain = whole.replace(parameters=parameters, return_annotation=bare(whole.return_annotation))
    return shortened(NOISE.sub("", str(plain)))


class Bare(str):
    """An annotation kept as text, which is shown without its quotes."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


def bare(annotation: Any) -> Any:
    return Bare(annotation) if isinstance(annotation, str) else annotation


def documented_signature(thing: Any) -> str:
    name = getattr(thing, "__name__", "")
    if not isinstance(name, str):  # unittest.mock.call has every attribute
        return ""
    found = re.match(
        rf"(?:\w+\.)*{re.escape(name)}(\(.*?\)(?:\s*->\s*[\w.\[\], ]+)?)(?:\n|$)", doc_of(thing), re.DOTALL
    )
    return shortened(" ".join(found[1].split())) if found and name else ""


def shortened(text: str) -> str:
    text = re.sub(r" at 0x[0-9a-f]+", "", text)
    return text if len(text) <= SIGNATURE_CHARS else text[:SIGNATURE_CHARS].rsplit(",", 1)[0] + ", …)"


def annotated(cls: type) -> Iterator[tuple[str, Any]]:
    notes = vars(cls).get("__annotations__", {})
    for name, note in notes.items() if isinstance(notes, dict) else ():
        if not name.startswith("_"):
            yield name, note


def documented_attributes(cls: type) -> list[str]:
    section = re.search(r"\nAttributes\n-+\n(.*?)(?:\n\n?\w[^\n]*\n-{3,}\n|\Z)", doc_of(cls), re.DOTALL)
    return re.findall(r"^(\w+) : ", section[1], re.MULTILINE) if section else []


def public_members(module: types.ModuleType, name: str) -> Iterator[tuple[str, Any]]:
    """In the order of their names, so that the same image always gives the same files. Modules come by themselves."""
    top = name.partition(".")[0]
    stated = getattr(module, "__all__", None)
    keys = (
        stated
        if isinstance(stated, list | tuple)
        else [key for key, value in vars(module).items() if belongs(value, top)]
    )
    for key in sorted(key for key in set(keys) if not key.startswith("_")):
        value = safe_getattr(module, key)
        if value is not None and not isinstance(value, types.ModuleType):
            yield key, value


def belongs(value: Any, top: str) -> bool:
    """Whether a module that does not say what is public has `value` of its own, or only uses it."""
    origin = getattr(value, "__module__", None)
    return not isinstance(origin, str) or top in {origin.partition(".")[0].lstrip("_"), "builtins"}


def safe_getattr(module: types.ModuleType, key: str) -> Any:
    try:
        return getattr(module, key)
    except Exception:
        return None


def load(name: str) -> types.ModuleType | None:
    try:
        return importlib.import_module(name)
    except BaseException:
        return None


def packages() -> list[str]:
    standard = {name for name in sys.stdlib_module_names if not name.startswith("_")} - UNWANTED
    return ["builtins", *sorted(standard - {"builtins"}), *sorted({*WALKED, *NAMED} - standard)]


def modules_of(top: str) -> Iterator[str]:
    """The package itself and its modules, shallow ones first: those give objects their homes."""
    package = load(top)
    if package is None:
        return
    yield top
    below = NAMED.get(top, "").split()
    if top in WALKED:
        below = [found.name for found in pkgutil.iter_modules(package.__path__) if is_public(found.name)]
    yield from (
        f"{top}.{name}" for name in sorted(below, key=lambda name: (name.count("."), name)) if load(f"{top}.{name}")
    )


def is_public(name: str) -> bool:
    return not name.startswith("_") and name not in PRIVATE


def build() -> dict[str, dict[str, Entry]]:
    index = Index()
    for top in packages():
        for name in modules_of(top):
            index.add(sys.modules[name], name)
    described: dict[str, dict[str, Entry]] = {}
    for name in index.modules:
        described.setdefault(name.partition(".")[0], {})[name] = index.describe_module(name)
    return described


def write_tar(described: dict[str, dict[str, Entry]], out: IO[bytes]) -> None:
    with tarfile.open(fileobj=out, mode="w|") as tar:
        for top, modules in described.items():
            data = json.dumps({"modules": modules}, separators=(",", ":"), ensure_ascii=False).encode()
            info = tarfile.TarInfo(f"{top}.json")
            info.size, info.mode, info.mtime = len(data), 0o644, 1 << 30
            tar.addfile(info, io.BytesIO(data))


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    real_stdout, sys.stdout = sys.stdout, sys.stderr  # what a library prints while it is imported is not the tar
    write_tar(build(), real_stdout.buffer)
