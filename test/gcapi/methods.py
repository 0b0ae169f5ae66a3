"""The public methods of the client, as people call them: "archives.detail", "add_case_to_archive"."""

from typing import get_type_hints

import httpx
from gcapi.client import ApiDefinitions, Client


def methods():
    found = [name for name in vars(Client) if callable(getattr(Client, name)) and not name.startswith("_")]
    for name, api in get_type_hints(ApiDefinitions).items():
        found += methods_of(name, api)
    # `client(path=…)` calls anything.
    return {"__call__", *(name for name in found if not hasattr(httpx.Client, name))}


def methods_of(name, api):
    found = [f"{name}.{method}" for method in dir(api) if callable(getattr(api, method)) and not method.startswith("_")]
    # `model` and `response_model` are classes, no methods.
    found = [method for method in found if not method.endswith("model")]
    for sub, sub_api in api.sub_apis.items():
        found = [method for method in found if method != f"{name}.{sub}"] + methods_of(f"{name}.{sub}", sub_api)
    return found
