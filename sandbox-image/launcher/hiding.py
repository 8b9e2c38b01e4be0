"""Takes modules out of sight, and gives them back when they are imported.

A program must not be able to tell that its libraries were imported before it began. So each module is taken out of
sys.modules and off its package, and what its import changed elsewhere is undone; all as a `Recorder` saw it happen.
When the program (or a library, or C) imports it, the import system looks for it as ever, so that a program's own module
of the same name comes first; if it finds the one that is hidden here, that is put back together with all that its own
imports would have brought, in the order in which they would have come, instead of being loaded a second time.

The way in is `_find_spec`, the function by which the import system asks its finders: a finder of ours would be seen in
sys.meta_path, and anything later would be on the stack while a module of the program's is executed.
"""

import _frozen_importlib as importer
import sys
import time

IMPORTING = importer._find_and_load_unlocked.__code__


class Stash:
    """The modules that are hidden: all but those named `visible`."""

    def __init__(self, recorder, visible):
        self._origins = recorder.origins
        self._events = {
            name: [event for event in events if event not in visible] for name, events in recorder.events.items()
        }
        self._find_spec = importer._find_spec
        hidden = {name: sys.modules.pop(name) for name in set(sys.modules).difference(visible)}
        self.modules = {name: module for name, module in hidden.items() if name in self._origins}
        self._attached = {name for name, module in self.modules.items() if self._detach(name, module)}
        find_spec = self.find_spec
        find_spec.__func__.__code__ = find_spec.__code__.replace(co_filename=IMPORTING.co_filename)
        importer._find_spec = find_spec  # in a traceback it counts as the import system, which is left out

    def _detach(self, name, module):
        """Takes it off its package. False when its package had let go of it."""
        parent, _, child = name.rpartition(".")
        package = self.modules.get(parent) or sys.modules.get(parent)
        attached = package is not None and vars(package).get(child) is module
        if attached:
            del vars(package)[child]
        return attached

    def find_spec(self, name, path, target=None):
        """In the place of importlib._bootstrap._find_spec."""
        spec = self._find_spec(name, path, target)
        if spec is None or name not in self._origins or spec.origin != self._origins[name]:
            return spec
        if sys._getframe(1).f_code is not IMPORTING:  # somebody only wants to know
            return spec
        module = self.modules.get(name) or sys.modules.get(name)  # another thread may have put it back just now
        return spec if module is None else importer.ModuleSpec(name, Loader(self, name, module))

    def put_back(self, name):
        """As an import of `name` would: its packages, itself, and what it imports."""
        if name in sys.modules:
            return
        parent, _, child = name.rpartition(".")
        if parent:
            self.put_back(parent)
        module = self.modules.get(name)
        if module is None:
            self.replay(name)  # its import failed, but not at once
        elif name not in sys.modules:
            sys.modules[name] = module
            self.replay(name)
            sys.modules[name] = sys.modules.pop(name, module)  # as the import system does: at the end
            if name in self._attached and parent in sys.modules:
                setattr(sys.modules[parent], child, module)

    def replay(self, name):
        """Does again what the module's code did."""
        for event in self._events.pop(name, ()):
            if callable(event):
                event()
            elif event not in sys.modules:
                self.put_back(event)
        renew(name, self.modules.pop(name, None))


class Loader:
    """Loads a module that is there already."""

    def __init__(self, stash, name, module):
        self._stash, self._name, self._module = stash, name, module
        self._attributes = {key: value for key, value in vars(module).items() if key in IMPORT_ATTRIBUTES}

    def create_module(self, _):
        return self._module

    def exec_module(self, module):
        vars(module).update(self._attributes)  # the import system has written its own
        self._stash.replay(self._name)


IMPORT_ATTRIBUTES = ("__name__", "__loader__", "__package__", "__spec__")


def renew(name, module):
    """What a module takes from the moment of its import."""
    if name == "logging" and module is not None:
        module._startTime = time.time()
