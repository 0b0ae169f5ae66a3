"""The process of gcapi.mts: reads {api, token, folder} on a line, then a task or "received" on each; answers in JSON."""

import hashlib
import json
import logging
import shutil
import sys
import time
import traceback
from pathlib import Path

from gcapi import Client, SocketValueSpec

# The client logs every refusal; here they are meant.
logging.getLogger("gcapi").setLevel(logging.CRITICAL)


def up(client, task):
    for group in task["groups"]:
        client.add_case_to_archive(
            archive_slug=task["archive"],
            values=[SocketValueSpec(socket_slug=task["socket"], files=group)],
        )


def archive_down(client, task, folder):
    archive = client.archives.detail(slug=task["archive"]["slug"])
    archive_items = list(client.archive_items.iterate_all(params={"archive": archive.pk}))
    for item in archive_items:
        item_path = folder / item.pk
        item_path.mkdir(parents=True, exist_ok=True)
        for socket_value in item.values:
            client.download_socket_value(socket_value, output_directory=item_path)


def image_down(client, task, folder):
    client.images.download(pk=task["image"], output_directory=folder)


def go(client, task, folder):
    start = time.perf_counter()
    if task["kind"] == "up":
        up(client, task)
    elif task["kind"] == "archiveDown":
        archive_down(client, task, folder)
    else:
        image_down(client, task, folder)
    return {"seconds": time.perf_counter() - start}


def sha256(path):
    hash = hashlib.sha256()
    with open(path, "rb") as file:
        while chunk := file.read(1 << 20):
            hash.update(chunk)
    return hash.hexdigest()


def received(folder):
    hashes = [sha256(path) for path in folder.rglob("*") if path.is_file()]
    shutil.rmtree(folder, ignore_errors=True)
    return {"hashes": hashes}


def answer(client, folder, question):
    try:
        return received(folder) if question == "received" else go(client, question, folder)
    except BaseException:
        return {"error": traceback.format_exc()}


def main():
    ready = json.loads(sys.stdin.readline())
    client = Client(token=ready["token"], base_url=ready["api"])
    print("{}", flush=True)
    for line in sys.stdin:
        print(json.dumps(answer(client, Path(ready["folder"]), json.loads(line))), flush=True)


main()
