"""Writes down what each import does, so that it can be hidden and done again later, at no cost: see hiding.py.

While a `Recorder` is at work, every import statement, every module that is loaded, and every change to the few places
where imports leave a mark outside their own module is noted with the module whose code was running at that time.
"""

import _frozen_importlib as importer
import _thread
import _warnings
import builtins
import os
import sys


class Recorder:
    """`events` says for each module what its code did, in order: names it imported, and functions that do again what it
    changed elsewhere. `origins` says of each module that was loaded where it came from. `tried` has every name that
    anybody asked for, found or not; `variables` the environment variables that were looked at."""

    def __init__(self):
        self.events = {}
        self.origins = {}
        self.tried = set()
        self.variables = set()
        self._known = set(sys.modules)
        self._running = [""]
        self._thread = _thread.get_ident()
        self._marks = [WarningFilters(), MetaPath(), Variables(), Reducers()]
        self._watched = []
        self._watched_spec = watched_spec(self._note)
        self._at_exit = None

    def __enter__(self):
        self._import, self._find, self._load = builtins.__import__, importer._find_and_load, importer._load_unlocked
        builtins.__import__ = self._on_import
        importer._find_and_load, importer._load_unlocked = self._on_find, self._on_load
        os.environ.__class__ = watched_environ(self.variables)
        return self

    def __exit__(self, *_):
        self._look()
        builtins.__import__ = self._import
        importer._find_and_load, importer._load_unlocked = self._find, self._load
        os.environ.__class__ = os._Environ
        for spec in self._watched:
            spec.__class__ = importer.ModuleSpec
        if self._at_exit:
            self._at_exit.undo()
        for mark in self._marks:
            mark.undo()

    def _note(self, event, name=None):
        """One more thing that the running module did, or the module `name`."""
        if _thread.get_ident() == self._thread:
            self.events.setdefault(name or self._running[-1], {})[event] = None

    def _on_import(self, name, namespace=None, local=None, fromlist=(), level=0):
        """In the place of builtins.__import__, which hears of modules that are there already as well."""
        full = name
        if level > 0:
            full = importer._resolve_name(name, importer._calc___package__(namespace), level)
        self._note(full)
        found = self._import(name, namespace, local, fromlist, level)
        if fromlist:
            self._note_children(found, fromlist)
        return found

    def _note_children(self, package, names):
        """`from package import name` imports package.name, if that is a module and not hidden by another attribute."""
        inside = getattr(package, "__dict__", {})
        for name in inside.get("__all__", ()) if "*" in names else names:
            child = f"{inside.get('__name__')}.{name}"
            if child in sys.modules and inside.get(name) is sys.modules[child]:
                self._note(child)

    def _on_find(self, name, import_):
        self.tried.add(name)
        self._note(name)
        return self._find(name, import_)

    def _on_load(self, spec):
        self._look()
        self._running.append(spec.name)
        self._known.add(spec.name)
        try:
            return self._load(spec)
        finally:
            self._look()
            self._running.pop()
            self.origins[spec.name] = spec.origin
            if type(spec) is importer.ModuleSpec and spec.has_location:
                spec.__class__ = self._watched_spec
                self._watched.append(spec)
            if spec.name == "atexit":
                self._at_exit = AtExit(self._note)

    def _look(self):
        """Notes what the running module did since the last look."""
        if len(sys.modules) != len(self._known):
            for name in [name for name in sys.modules if name not in self._known]:
                self._note(alias(name, sys.modules[name]))
            self._known = set(sys.modules)
        for mark in self._marks:
            if redo := mark.changed():
                self._note(redo)


def alias(name, module):
    """Does again what code does that puts something into sys.modules by itself."""
    return lambda: sys.modules.setdefault(name, module)


def watched_spec(note):
    """A class for the specs of modules, to hear of C code that imports one that is there: it asks if that is ready.

    (So does the interpreter when a module has no such attribute; of one that the code has in hand anyway.)
    """

    class Watched(importer.ModuleSpec):
        @property
        def _initializing(self):
            note(self.name)
            return self.__dict__["_initializing"]

        @_initializing.setter
        def _initializing(self, value):
            self.__dict__["_initializing"] = value

    return Watched


def watched_environ(seen):
    """A class for os.environ that adds to `seen` whatever variable is looked at; who takes all of them seeks none."""

    class Watched(os._Environ):
        def __getitem__(self, key):
            seen.add(key)
            return super().__getitem__(key)

        def __contains__(self, key):
            seen.add(key)
            return super().__contains__(key)

        def items(self):
            return self.copy().items()

        def copy(self):
            return {os.fsdecode(name): os.fsdecode(value) for name, value in self._data.items()}

    return Watched


# The marks that imports leave. `changed` gives a function that does again what was done since it was called last, or
# None; `undo` brings back what there was at first.


class WarningFilters:
    """The list that the warnings module and the interpreter share."""

    def __init__(self):
        self.first = self.last = list(_warnings.filters)

    def changed(self):
        if self.last == _warnings.filters:
            return None
        added = [item for item in _warnings.filters if item not in self.last]
        self.last = list(_warnings.filters)
        return lambda: set_filters([*added, *(item for item in _warnings.filters if item not in added)])

    def undo(self):
        set_filters(self.first)


def set_filters(filters):
    _warnings.filters[:] = filters
    _warnings._filters_mutated()


class MetaPath:
    def __init__(self):
        self.first = self.last = list(sys.meta_path)

    def changed(self):
        if self.last == sys.meta_path:
            return None
        added = [finder for finder in sys.meta_path if finder not in self.last]
        self.last = list(sys.meta_path)
        return lambda: sys.meta_path.extend(added)

    def undo(self):
        sys.meta_path[:] = self.first


class Variables:
    """Environment variables; those that the job sets are not set again."""

    def __init__(self):
        self.first = self.last = dict(os.environ._data)

    def changed(self):
        now = os.environ._data
        if self.last == now:
            return None
        added = [item for item in now.items() if item not in self.last.items()]
        self.last = dict(now)
        return lambda: [os.environ.setdefault(os.fsdecode(name), os.fsdecode(value)) for name, value in added]

    def undo(self):
        replace_environment(self.first)


def replace_environment(variables):
    """The interpreter's and C's: no variables but these (bytes to bytes)."""
    for name in [name for name in os.environ._data if name not in variables]:
        del os.environ[os.fsdecode(name)]
    os.environ._data.clear()  # their order is the new one's
    for name, value in variables.items():
        os.environ[os.fsdecode(name)] = os.fsdecode(value)


class Reducers:
    """How classes are pickled: copyreg's table."""

    def __init__(self):
        self.table = None
        self.last = {}

    def changed(self):
        if self.table is None and "copyreg" in sys.modules:
            self.table = getattr(sys.modules["copyreg"], "dispatch_table", None)
        if not self.table or len(self.table) == len(self.last):
            return None
        added = {key: value for key, value in self.table.items() if key not in self.last}
        self.last = dict(self.table)
        return lambda: self.table.update(added)

    def undo(self):
        if self.table:
            self.table.clear()


class AtExit:
    """Callbacks for the interpreter's end. That of weakref comes with its first use: taken as part of its import."""

    def __init__(self, note):
        self.note = note
        self.module = sys.modules["atexit"]
        self.register = self.module.register
        self.module.register = self.on_register

    def on_register(self, function, *args, **kwargs):
        if self.note:
            once_for_all = getattr(function, "__module__", None) == "weakref"
            self.note(lambda: self.register(function, *args, **kwargs), "weakref" if once_for_all else None)
        return self.register(function, *args, **kwargs)

    def undo(self):
        self.note = None  # whoever has kept `on_register` goes on with it
        self.module.register = self.register
        self.module._clear()
