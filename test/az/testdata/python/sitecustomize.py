"""Debian's azure-mgmt-apimanagement 3.1.0b1 asks for XML where the API speaks JSON.

Forty of its operations pass is_xml=True to the serializer, and then fail before
they send anything: "Object of type Element is not JSON serializable". Python
imports this module at its start where the folder is in PYTHONPATH; it takes the
flag away as that package is imported, and touches nothing else.
"""

import importlib.abc
import importlib.machinery
import sys

SERIALIZATION = "azure.mgmt.apimanagement._serialization"


class Loader(importlib.machinery.SourceFileLoader):
    """Loads the module, then makes its serializer ignore the flag."""

    def exec_module(self, module):
        super().exec_module(module)
        body = module.Serializer.body

        def json_body(self, data, data_type, **kwargs):
            kwargs.pop("is_xml", None)
            return body(self, data, data_type, **kwargs)

        module.Serializer.body = json_body


class Finder(importlib.abc.MetaPathFinder):
    """Finds the one module, where Python would find it."""

    def find_spec(self, fullname, path=None, target=None):
        if fullname != SERIALIZATION:
            return None
        spec = importlib.machinery.PathFinder.find_spec(fullname, path, target)
        if spec is not None:
            spec.loader = Loader(spec.loader.name, spec.loader.path)
        return spec


sys.meta_path.insert(0, Finder())
