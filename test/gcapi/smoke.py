"""The official client against the sandbox: the check that the sandbox is honest.

Usage: python smoke.py, with gcapi installed. Starts the sandbox itself (https), and says what it did, line by line.
"""

import json
import os
import struct
import subprocess
import sys
import tempfile
import time
from pathlib import Path

root = Path(__file__).resolve().parents[2]


def start_sandbox():
    process = subprocess.Popen(
        ["node", "--import", "tsx", "sandbox/main.mts", "--json", "--until-stdin-closes", "--https"],
        cwd=root,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    return process, json.loads(process.stdout.readline())


def wait_for(what, check, seconds=20):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = check()
        if found:
            return found
        time.sleep(0.1)
    raise AssertionError(f"{what} did not happen within {seconds} s")


def mha(value, size=4):
    header = (
        "ObjectType = Image\nNDims = 3\nBinaryData = True\nBinaryDataByteOrderMSB = False\nCompressedData = False\n"
        f"ElementSpacing = 1 1 1\nDimSize = {size} {size} {size}\nElementType = MET_SHORT\nElementDataFile = LOCAL\n"
    )
    return header.encode() + struct.pack(f"<{size ** 3}h", *[value] * size**3)


def run(api, token, folder):
    import gcapi
    from gcapi import SocketValueSpec
    from gcapi.exceptions import ObjectNotFound

    client = gcapi.Client(token=token, base_url=f"{api}/api/v1/")
    print("client constructed, version check passed")

    algorithm = client.algorithms.detail(slug="lung-volume-above-threshold")
    assert [len(interface.inputs) for interface in algorithm.interfaces] == [1, 2]
    assert client.algorithms.detail(api_url=algorithm.api_url).pk == algorithm.pk
    assert len(list(client.algorithm_images.iterate_all())) >= 5
    print("algorithms, algorithm images")

    archives = list(client.archives.iterate_all())
    large = client.archives.detail(slug="large-registry")
    items = {item.pk: item for item in client.archive_items.iterate_all(params={"archive": large.pk})}
    assert client.archive_items.page(params={"archive": large.pk}).total_count == 1234
    print(f"{len(archives)} archives; {len(items)} distinct of 1234 items by unordered pages")
    try:
        client.archives.detail(slug="no-such-archive")
        raise SystemExit("an archive that does not exist was found")
    except ObjectNotFound:
        pass

    lung = client.archives.detail(slug="lung-phantoms")
    cases = sorted(client.archive_items.iterate_all(params={"archive": lung.pk}), key=lambda item: item.title)
    first = folder / "first"
    for value in cases[0].values:
        client.download_socket_value(value, output_directory=first)
    assert (first / "radiology-report.pdf").read_bytes().startswith(b"%PDF-1.4")
    assert (first / "images/ct-image").is_dir() and json.loads((first / "patient-age.json").read_text()) == 61
    print(f"downloaded {sum(path.is_file() for path in first.rglob('*'))} files of one item")

    images = list(client.images.iterate_all(params={"archive": lung.pk}))
    (saved,) = client.images.download(pk=images[0].pk, output_directory=folder / "image")
    assert saved.read_bytes().startswith(b"ObjectType = Image")
    legacy = client.archives.detail(slug="legacy-and-dicom")
    for item in client.archive_items.iterate_all(params={"archive": legacy.pk}):
        for value in item.values:
            target = folder / "legacy" / item.title
            try:
                client.download_socket_value(value, output_directory=target)
                print(f"  {item.title}: {sorted(path.suffix for path in target.rglob('*') if path.is_file())}")
            except FileExistsError:
                assert item.title == "Multi-frame DICOM", item.title
                print("  Multi-frame DICOM: the client refuses to write the repeated instance again")
    print("images: .mha, .mhd pair, DICOM, TIFF")

    scan = folder / "scan.mha"
    scan.write_bytes(mha(100))
    report = first / "radiology-report.pdf"
    dicom = next((folder / "legacy" / "DICOM series").rglob("*.dcm"))
    made = client.add_case_to_archive(
        archive_slug="incoming-cases",
        title="from the client",
        values=[
            SocketValueSpec(socket_slug="ct-image", file=scan),
            SocketValueSpec(socket_slug="radiology-report", file=report),
            SocketValueSpec(socket_slug="patient-age", value=44),
            SocketValueSpec(socket_slug="acquisition-details", value={"kvp": 100}),
            SocketValueSpec(socket_slug="ct-dicom-series", file=dicom, image_name="series"),
            SocketValueSpec(socket_slug="nodule-location", existing_socket_value=next(v for v in cases[0].values if v.interface.slug == "nodule-location")),
            SocketValueSpec(socket_slug="generic-medical-image", existing_image_api_url=images[0].api_url),
        ],
    )
    item = wait_for("import", lambda: (i := client.archive_items.detail(pk=made.pk)) and len(i.values) == 7 and i)
    print(f"add_case_to_archive: {len(item.values)} values, {len(made.values)} of them at once")

    client.update_archive_item(
        archive_item_pk=made.pk,
        title="renamed",
        values=[
            SocketValueSpec(socket_slug="patient-age", value=45),
            SocketValueSpec(socket_slug="measurements-csv", existing_socket_value=next(v for v in cases[0].values if v.interface.slug == "measurements-csv")),
        ],
    )
    item = wait_for("update", lambda: (i := client.archive_items.detail(pk=made.pk)) and len(i.values) == 8 and i)
    assert item.title == "renamed"
    print("update_archive_item, with a file taken from another item")

    image = next(value.image for value in item.values if value.interface.slug == "ct-image")
    job = client.start_algorithm_job(
        algorithm_slug="lung-volume-above-threshold",
        inputs=[
            SocketValueSpec(socket_slug="ct-image", existing_image_api_url=image),
            SocketValueSpec(socket_slug="segmentation-threshold", value=99.5),
        ],
    )
    # Not by the client's model: the one of 0.15.1 refuses the null durations of a job that is still running.
    wait_for("job", lambda: client(path=f"algorithms/jobs/{job.pk}/")["status"] == "Succeeded")
    uploaded = client.start_algorithm_job(algorithm_slug="lung-volume-above-threshold", inputs=[SocketValueSpec(socket_slug="ct-image", file=scan)])
    wait_for("second job", lambda: client(path=f"algorithms/jobs/{uploaded.pk}/")["status"] == "Succeeded")
    done = client.algorithm_jobs.detail(pk=job.pk)
    for value in done.outputs:
        client.download_socket_value(value, output_directory=folder / "outputs")
    assert json.loads((folder / "outputs/volume-above-threshold.json").read_text()) == 0.064
    assert json.loads((folder / "outputs/mean-intensity.json").read_text()) == 100
    assert json.loads((folder / "outputs/reports/threshold-report.json").read_text())["voxels_above_threshold"] == 64
    assert len(list(client.algorithm_jobs.iterate_all())) == 2
    print(f"two jobs; outputs: {sorted(str(path.relative_to(folder / 'outputs')) for path in (folder / 'outputs').rglob('*') if path.is_file())}")

    sessions = list(client.raw_image_upload_sessions.iterate_all())
    assert {session.status for session in sessions} == {"Succeeded"}, sessions
    left = [upload.status for upload in client.uploads.iterate_all()]
    print(f"{len(sessions)} upload sessions; uploads left: {left}")

    big = folder / "big.bin"
    big.write_bytes(os.urandom(40 * 1024**2))
    with big.open("rb") as file:
        upload = client.uploads.upload_fileobj(fileobj=file, filename="big.bin")
    assert upload.status == "Completed"
    print("upload in two parts (40 MiB)")
    assert client.interfaces.detail(slug="ct-image").super_kind == "Image"
    print("sockets")


def main():
    process, ready = start_sandbox()
    try:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            (folder / "ca.pem").write_text(ready["ca"])
            os.environ["SSL_CERT_FILE"] = str(folder / "ca.pem")
            run(ready["api"], ready["tokens"]["main"], folder)
        print("all good")
    finally:
        process.stdin.close()
        process.wait(timeout=10)


if __name__ == "__main__":
    sys.exit(main())
