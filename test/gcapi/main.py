"""Runs the recipes with the gcapi that is installed.

Usage: python main.py           all of them, against a sandbox that it starts itself (https), in the state of the server
                                that this gcapi was made for; says what it did, line by line
       python main.py --serve   for a sandbox that runs: reads {api, control, tokens, ca, folder} on a line, then the name of a
                                recipe on each, all of it JSON; answers each line with JSON, {obtained} or {error}
"""

import json
import logging
import os
import subprocess
import sys
import tempfile
import traceback
from importlib.metadata import version
from pathlib import Path

from methods import methods
from recipes import RECIPES, World, is_late

# The client logs every refusal; those that are meant would hide the others.
logging.getLogger("gcapi").setLevel(logging.CRITICAL)

here = Path(__file__).resolve().parent


def connect(ready, folder):
    certificate = Path(folder) / "ca.pem"
    certificate.write_text(ready["ca"])
    os.environ["SSL_CERT_FILE"] = str(certificate)
    return World(ready["api"], ready["control"], ready["tokens"], folder)


def run_all():
    name = f"gcapi {version('gcapi')}"
    listed = json.loads((here / "methods.json").read_text())
    known = {*listed["both"], *listed["only"][version("gcapi")]}
    assert known == methods(), f"methods.json is not what {name} has: {known ^ methods()}"
    drift = "C" if is_late else "B"
    process = subprocess.Popen(
        ["node", "--import", "tsx", "sandbox/main.mts", "--json", "--until-stdin-closes", "--https", "--drift", drift],
        cwd=here.parents[1],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        with tempfile.TemporaryDirectory() as folder:
            world = connect(json.loads(process.stdout.readline()), folder)
            for page in RECIPES:
                world.run(page)
                print(f"{name}: {page}")
    finally:
        process.stdin.close()
        process.wait(timeout=10)


def answer(world, page):
    try:
        return {"obtained": world.run(page)}
    except BaseException:
        return {"error": traceback.format_exc()}


def serve():
    ready = json.loads(sys.stdin.readline())
    world = connect(ready, ready["folder"])
    print(json.dumps({"recipes": list(RECIPES)}), flush=True)
    for line in sys.stdin:
        print(json.dumps(answer(world, json.loads(line))), flush=True)


if __name__ == "__main__":
    serve() if sys.argv[1:] == ["--serve"] else run_all()
