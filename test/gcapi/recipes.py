"""The recipes of gcapi's documentation, each named after its page, against a sandbox.

They call what the pages call; only names, numbers and files are those of the sandbox's seed. A recipe that reads
returns what it has obtained, as JSON. Each finds the sandbox as its seed left it.

Pages below `api/` are the reference of gcapi's methods: what they show by example, and each method once.
"""

import hashlib
import json
import re
import struct
import time
from dataclasses import fields
from importlib.metadata import version
from pathlib import Path

import gcapi
from gcapi import SocketValueSpec, models
from gcapi.exceptions import MultipleObjectsReturned, ObjectNotFound
from httpx import Client as HttpClient
from httpx import HTTPStatusError
from pydantic import TypeAdapter, ValidationError

is_late = tuple(int(part) for part in version("gcapi").split(".")[:2]) >= (0, 16)

RECIPES = {}


def recipe(page, since_late=False):
    def keep(function):
        if is_late or not since_late:
            RECIPES[page] = function
        return function

    return keep


class World:
    """A sandbox, and a folder for files that come and go."""

    def __init__(self, api, control, tokens, folder):
        self.base_url = f"{api}/api/v1/"
        self.tokens = tokens
        self.folder = Path(folder)
        self._control = HttpClient(base_url=control, timeout=60)
        self.files = self.folder / "files"
        self.output = self.folder / "output"
        make_files(self.files)

    def control(self, method, path, body=None):
        answer = self._control.request(method, path, json=body)
        answer.raise_for_status()
        return answer.json()

    def connect(self, user="main", **more):
        return gcapi.Client(token=self.tokens[user], base_url=self.base_url, **more)

    def run(self, page):
        """What a recipe has obtained, from a sandbox that is as its seed left it."""
        self.control("POST", "/reset")
        self.output = self.folder / page.replace("/", "-")
        return plain(RECIPES[page](self))


def plain(value):
    """A value of the client as JSON."""
    if isinstance(value, dict):
        return {key: plain(entry) for key, entry in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(entry) for entry in value]
    return TypeAdapter(type(value)).dump_python(value, mode="json")


def tree(folder):
    """The files below a folder: the hashes of their bytes, and what JSON files say (the client writes them in its own way).

    Where the client chooses the name of a file, it is the pk of the image.
    """
    shown = lambda path: (
        json.loads(path.read_text()) if path.suffix == ".json" else hashlib.sha256(path.read_bytes()).hexdigest()
    )
    files = {path.relative_to(folder).as_posix(): shown(path) for path in sorted(folder.rglob("*")) if path.is_file()}
    return {re.sub(r"[0-9a-f-]{36}(?=\.[a-z]+$)", "<pk>", path): content for path, content in files.items()}


def wait_for(what, check, seconds=60):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = check()
        if found:
            return found
        time.sleep(0.05)
    raise AssertionError(f"{what} did not happen within {seconds} s")


def refused(status, call):
    """The JSON of the answer by which the platform refuses a call."""
    try:
        call()
    except HTTPStatusError as error:
        assert error.response.status_code == status, (error.response.status_code, error.response.text)
        return error.response.json()
    raise AssertionError("it was not refused")


def raises(kind, call):
    try:
        call()
    except kind:
        return
    raise AssertionError(f"there was no {kind.__name__}")


def mha_header(data_file, size=4):
    return (
        "ObjectType = Image\nNDims = 3\nBinaryData = True\nBinaryDataByteOrderMSB = False\nCompressedData = False\n"
        f"ElementSpacing = 1 1 1\nDimSize = {size} {size} {size}\nElementType = MET_SHORT\nElementDataFile = {data_file}\n"
    ).encode()


def voxels(value, size=4):
    return struct.pack(f"<{size ** 3}h", *[value] * size**3)


def dicom_file(instance):
    """A slice of 8 × 8 voxels that the importer takes: explicit little endian, of one series."""
    long = (b"OB", b"OW", b"SQ", b"UN")

    def element(group, number, kind, value):
        if len(value) % 2:
            value += b"\0" if kind in (b"UI", b"OB") else b" "
        length = struct.pack("<HI", 0, len(value)) if kind in long else struct.pack("<H", len(value))
        return struct.pack("<HH", group, number) + kind + length + value

    short = lambda number: struct.pack("<H", number)
    uid = f"1.2.826.0.1.3680043.10.1666.1.{instance}".encode()
    ct = b"1.2.840.10008.5.1.4.1.1.2"
    meta = b"".join(
        (
            element(2, 1, b"OB", b"\0\1"),
            element(2, 2, b"UI", ct),
            element(2, 3, b"UI", uid),
            element(2, 0x10, b"UI", b"1.2.840.10008.1.2.1"),
            element(2, 0x12, b"UI", b"1.2.826.0.1.3680043.10.1666"),
        )
    )
    data = b"".join(
        (
            element(0x08, 0x08, b"CS", b"ORIGINAL\\PRIMARY\\AXIAL"),
            element(0x08, 0x16, b"UI", ct),
            element(0x08, 0x18, b"UI", uid),
            element(0x08, 0x60, b"CS", b"CT"),
            element(0x18, 0x50, b"DS", b"1"),
            element(0x20, 0x0D, b"UI", b"1.2.826.0.1.3680043.10.1666.2"),
            element(0x20, 0x0E, b"UI", b"1.2.826.0.1.3680043.10.1666.3"),
            element(0x20, 0x13, b"IS", str(instance).encode()),
            element(0x20, 0x32, b"DS", f"0\\0\\{instance}".encode()),
            element(0x20, 0x37, b"DS", b"1\\0\\0\\0\\1\\0"),
            element(0x28, 0x02, b"US", short(1)),
            element(0x28, 0x04, b"CS", b"MONOCHROME2"),
            element(0x28, 0x10, b"US", short(8)),
            element(0x28, 0x11, b"US", short(8)),
            element(0x28, 0x30, b"DS", b"1\\1"),
            element(0x28, 0x100, b"US", short(16)),
            element(0x28, 0x101, b"US", short(16)),
            element(0x28, 0x102, b"US", short(15)),
            element(0x28, 0x103, b"US", short(1)),
            element(0x28, 0x1052, b"DS", b"0"),
            element(0x28, 0x1053, b"DS", b"1"),
            element(0x7FE0, 0x10, b"OW", struct.pack("<64h", *range(64))),
        )
    )
    length = element(2, 0, b"UL", struct.pack("<I", len(meta)))
    return b"\0" * 128 + b"DICM" + length + meta + data


def make_files(folder):
    """The files that the recipes upload."""
    for number in (1, 2):
        patient = folder / f"patient{number}"
        patient.mkdir(parents=True, exist_ok=True)
        (patient / "ct.mhd").write_bytes(mha_header("ct.raw"))
        (patient / "ct.raw").write_bytes(voxels(100 * number))
        (patient / "lung.mha").write_bytes(mha_header("LOCAL") + voxels(1))
    for instance in (0, 1):
        (folder / f"{instance}.dcm").write_bytes(dicom_file(instance))
    (folder / "report.pdf").write_bytes(b"%PDF-1.4\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer\n<< /Root 1 0 R >>\n%%EOF\n")
    (folder / "threshold.json").write_text("-300.5")
    # More than one part.
    (folder / "big.bin").write_bytes(bytes(range(256)) * 4096 * 40)
    (folder / "started.bin").write_bytes(b"abc")
    (folder / "aborted.bin").write_bytes(b"abc")


def value_of(case, slug):
    return next(value for value in case.values if value.interface.slug == slug)


def by_title(cases, title):
    return next(case for case in cases if getattr(case, "title_safe", None) == title or getattr(case, "title", None) == title)


def cases_of(folder):
    """Two cases of three sockets, as in the pages about archive items and display sets."""
    files = sorted(path for path in folder.rglob("patient*/*") if path.is_file())
    assert len(files) == 6
    return [
        [
            SocketValueSpec(socket_slug="ct-image", files=files[0:2]),
            SocketValueSpec(socket_slug="lung-segmentation", file=files[2]),
            SocketValueSpec(socket_slug="segmentation-threshold", value=2.1),
        ],
        [
            SocketValueSpec(socket_slug="ct-image", files=files[3:5]),
            SocketValueSpec(socket_slug="lung-segmentation", file=files[5]),
            SocketValueSpec(socket_slug="segmentation-threshold", value=7.9),
        ],
    ]


# Pages of the user's guide


@recipe("getting-started")
def getting_started(w):
    client = gcapi.Client(token=f" Bearer  {w.tokens['main']} ", base_url=w.base_url)
    algorithm = client.algorithms.detail(slug="lung-volume-above-threshold")
    by_pk = client.algorithms.detail(pk=algorithm.pk)
    by_url = client.algorithms.detail(api_url=algorithm.api_url)
    assert by_pk == by_url == algorithm
    # What one has no access to seems not to exist.
    raises(ObjectNotFound, lambda: client.archives.detail(slug="no-such-archive"))
    raises(ObjectNotFound, lambda: w.connect("other").archives.detail(slug="lung-phantoms"))
    archive = client.archives.detail(slug="lung-phantoms")
    return [algorithm, archive, client.reader_studies.detail(slug="practice-study")]


@recipe("usage/archive/create_archive_items")
def create_archive_items(w):
    client = w.connect()
    made = [client.add_case_to_archive(archive_slug="incoming-cases", values=case) for case in cases_of(w.files)]
    items = client.archive_items
    wait_for("import", lambda: all(len(items.detail(pk=item.pk).values) == 3 for item in made))


@recipe("usage/archive/update_archive_items")
def update_archive_items(w):
    client = w.connect()
    archive = client.archives.detail(slug="lung-phantoms")
    archive_items = list(client.archive_items.iterate_all(params={"archive": archive.pk}))
    item = by_title(archive_items, "Case 3")
    client.update_archive_item(
        archive_item_pk=item.pk,
        values=[
            SocketValueSpec(socket_slug="radiology-report", file=w.files / "report.pdf"),
            SocketValueSpec(socket_slug="patient-age", value=19),
        ],
        title="Archive item with updated values",
    )
    wait_for("update", lambda: len(client.archive_items.detail(pk=item.pk).values) == 7)


@recipe("usage/archive/download_archive_items")
def download_archive_items(w):
    client = w.connect()
    archive = client.archives.detail(slug="lung-phantoms")
    for image in client.images.iterate_all(params={"archive": archive.pk}):
        client.images.download(files=image.files, output_directory=w.output / "images", filename=Path(image.name).stem)
    archive_items = list(client.archive_items.iterate_all(params={"archive": archive.pk}))
    for item in archive_items:
        item_path = w.output / "items" / item.title
        item_path.mkdir(parents=True, exist_ok=True)
        for socket_value in item.values:
            client.download_socket_value(socket_value, output_directory=item_path)
    return tree(w.output)


@recipe("usage/reader_study/create_display_sets")
def create_display_sets(w):
    client = w.connect()
    made = [
        client.add_case_to_reader_study(reader_study_slug="practice-study", values=case) for case in cases_of(w.files)
    ]
    assert [display_set.order for display_set in made] == [40, 50]
    api = client.reader_studies.display_sets
    wait_for("import", lambda: all(len(api.detail(pk=display_set.pk).values) == 3 for display_set in made))


@recipe("usage/reader_study/update_display_sets")
def update_display_sets(w):
    client = w.connect()
    reader_study = client.reader_studies.detail(slug="practice-study")
    api = client.reader_studies.display_sets
    display_sets = list(api.iterate_all(params={"reader_study": reader_study.pk}))
    assert [case.order for case in display_sets] == [10, 20, 30]
    # The first of them was answered, so that nothing of it can be changed.
    client.update_display_set(
        display_set_pk=display_sets[1].pk,
        values=[
            SocketValueSpec(socket_slug="radiology-report", file=w.files / "report.pdf"),
            SocketValueSpec(socket_slug="patient-age", value=19),
        ],
    )
    api.partial_update(pk=display_sets[2].pk, order=15)
    api.partial_update(pk=display_sets[2].pk, title="Case 10")
    wait_for("update", lambda: len(api.detail(pk=display_sets[1].pk).values) == 3)


@recipe("usage/reader_study/reuse_images_in_display_sets")
def reuse_images_in_display_sets(w):
    client = w.connect()
    slug = "practice-study"
    client.add_case_to_reader_study(
        reader_study_slug=slug,
        title="First",
        values=[SocketValueSpec(socket_slug="ct-image", file=w.files / "patient1" / "lung.mha")],
    )
    reader_study = client.reader_studies.detail(slug=slug)
    api = client.reader_studies.display_sets
    display_sets = lambda: list(api.iterate_all(params={"reader_study": reader_study.pk}))
    processed = lambda: (case := by_title(display_sets(), "First")) and len(case.values) > 0 and case
    first = wait_for("import", processed)
    client.add_case_to_reader_study(
        reader_study_slug=slug,
        title="Second",
        values=[SocketValueSpec(socket_slug="ct-image", existing_image_api_url=value_of(first, "ct-image").image)],
    )


@recipe("usage/reader_study/download_answers")
def download_answers(w):
    client, reader = w.connect(), w.connect("reader")
    reader_study = client.reader_studies.detail(slug="nodule-reading")
    api = client.reader_studies.answers
    answers = list(api.iterate_all(params={"question__reader_study": reader_study.pk}))
    own = list(reader.reader_studies.answers.mine.iterate_all(params={"question__reader_study": reader_study.pk}))
    by_reader = list(api.iterate_all(params={"question__reader_study": reader_study.pk, "creator": "reader"}))
    display_sets = client.reader_studies.display_sets.iterate_all(params={"reader_study": reader_study.pk})
    per_display_set = {
        display_set.title_safe: list(api.iterate_all(params={"display_set": display_set.pk}))
        for display_set in display_sets
    }
    for image_answer in (answer for answer in answers if answer.answer_image is not None):
        client.images.download(url=image_answer.answer_image, output_directory=w.output, filename="mask")
    choice_questions = {
        question.api_url: question
        for question in reader_study.questions
        if question.answer_type in ("Choice", "Multiple choice")
    }
    titles = {
        answer.pk: [
            option.title
            for option in choice_questions[answer.question].options
            if option.id in (answer.answer if isinstance(answer.answer, list) else [answer.answer])
        ]
        for answer in answers
        if answer.question in choice_questions
    }
    return {
        "all": answers,
        "own": own,
        "by_reader": by_reader,
        "per_display_set": per_display_set,
        "titles": titles,
        "masks": tree(w.output),
    }


@recipe("usage/algorithm/start_algorithm_jobs")
def start_algorithm_jobs(w):
    client = w.connect()
    algorithm = client.algorithms.detail(slug="lung-volume-above-threshold")
    assert [len(interface.inputs) for interface in algorithm.interfaces] == [1, 2]
    jobs = [
        client.start_algorithm_job(
            algorithm_slug=algorithm.slug,
            inputs=[
                SocketValueSpec(socket_slug="ct-image", files=[w.files / "0.dcm", w.files / "1.dcm"]),
                SocketValueSpec(socket_slug="segmentation-threshold", value=42),
            ],
        )
    ]
    archive = client.archives.detail(slug="lung-phantoms")
    items = client.archive_items.iterate_all(params={"archive": archive.pk})
    archive_item = client.archive_items.detail(pk=by_title(items, "Case 1").pk)
    jobs.append(
        client.start_algorithm_job(
            algorithm_slug=algorithm.slug,
            inputs=[
                SocketValueSpec(socket_slug="ct-image", existing_socket_value=value_of(archive_item, "ct-image")),
                SocketValueSpec(socket_slug="segmentation-threshold", file=w.files / "threshold.json"),
            ],
        )
    )
    return statuses(client, jobs)


def statuses(client, jobs):
    """Waits for jobs. Not by the client's model: that of 0.15.1 refuses the null durations of a job that still runs."""
    status = lambda job: client(path=f"algorithms/jobs/{job.pk}/")["status"]
    wait_for("jobs", lambda: all(status(job) in ("Succeeded", "Failed", "Cancelled") for job in jobs))
    return [client.algorithm_jobs.detail(pk=job.pk).status for job in jobs]


@recipe("usage/algorithm/download_algorithm_outputs")
def download_algorithm_outputs(w):
    client = w.connect()
    algorithm = client.algorithms.detail(slug="lung-volume-above-threshold")
    archive = client.archives.detail(slug="lung-phantoms")
    images = list(client.images.iterate_all(params={"archive": archive.pk}))[:2]
    started = [
        client.start_algorithm_job(
            algorithm_slug=algorithm.slug,
            inputs=[SocketValueSpec(socket_slug="ct-image", existing_image_api_url=image.api_url)],
        )
        for image in images
    ]
    statuses(client, started)
    jobs = list(client.algorithm_jobs.iterate_all(params={"algorithm_image__algorithm": algorithm.pk}))
    assert {job.pk for job in jobs} == {job.pk for job in started}
    (found,) = client.algorithm_images.iterate_all(params={"algorithm": algorithm.pk})
    algorithm_image = client.algorithm_images.detail(pk=found.pk)
    assert client.algorithms.detail(api_url=algorithm_image.algorithm).pk == algorithm.pk
    filtered_jobs = [job for job in jobs if job.algorithm_image == algorithm_image.api_url]
    for job in filtered_jobs:
        assert job.status == "Succeeded"
        item_path = w.output / Path(client.images.detail(api_url=job.inputs[0].image).name).stem
        item_path.mkdir(parents=True, exist_ok=True)
        for socket_value in job.outputs:
            client.download_socket_value(socket_value, output_directory=item_path)
    return tree(w.output)


@recipe("usage/algorithm/create_and_invoke_endpoints", since_late=True)
def create_and_invoke_endpoints(w):
    client = w.connect()
    algorithm = client.algorithms.detail(slug="lung-volume-above-threshold")
    endpoint = client.algorithm_endpoints.create(algorithm=algorithm.api_url)
    wait_for("endpoint", lambda: client.algorithm_endpoints.detail(pk=endpoint.pk).status == "Running")
    assert client.algorithm_endpoints.detail(status="Running").pk == endpoint.pk
    assert client.algorithm_endpoints.keep_alive(pk=endpoint.pk) == {"status": "Endpoint lifetime extended"}
    assert client.algorithm_endpoints.detail(pk=endpoint.pk).remaining_lifetime
    invocations = [
        client.invoke_algorithm_endpoint(
            endpoint_pk=endpoint.pk,
            inputs=[
                SocketValueSpec(socket_slug="ct-image", files=[w.files / "0.dcm", w.files / "1.dcm"]),
                SocketValueSpec(socket_slug="segmentation-threshold", value=42),
            ],
        )
    ]
    archive = client.archives.detail(slug="lung-phantoms")
    archive_item = by_title(client.archive_items.iterate_all(params={"archive": archive.pk}), "Case 1")
    invocations.append(
        client.invoke_algorithm_endpoint(
            endpoint_pk=endpoint.pk,
            inputs=[
                SocketValueSpec(socket_slug="ct-image", existing_socket_value=value_of(archive_item, "ct-image")),
                SocketValueSpec(socket_slug="segmentation-threshold", value=42),
            ],
        )
    )
    detail = lambda invocation: client.algorithm_invocations.detail(pk=invocation.pk)
    wait_for("invocations", lambda: all(detail(invocation).status == "Succeeded" for invocation in invocations))
    for number, invocation in enumerate(invocations):
        for value in detail(invocation).outputs:
            client.download_socket_value(value, output_directory=w.output / str(number))
    return tree(w.output)


@recipe("usage/retries/handling_limits")
def handling_limits(w):
    too_many = {"non_field_errors": ["You have created too many uploads. Please try again later."]}
    w.control(
        "POST", "/faults", {"match": {"method": "POST", "path": "/uploads/$"}, "times": 2, "action": {"status": 400, "body": too_many}}
    )

    class UploadRetryStrategy(gcapi.retries.SelectiveBackoffStrategy):
        def __init__(self):
            super().__init__(backoff_factor=0.1, maximum_number_of_retries=5)

        def get_delay(self, latest_response):
            # The page waits five minutes, and does not read the answer first, so that its example fails.
            latest_response.read()
            is_limit = latest_response.status_code == 400 and "too many uploads" in latest_response.text.casefold()
            return 0.1 if is_limit else None

    client = w.connect(retry_strategy=UploadRetryStrategy)
    made = client.add_case_to_archive(
        archive_slug="incoming-cases",
        values=[SocketValueSpec(socket_slug="ct-image", file=w.files / "patient1" / "lung.mha")],
    )
    wait_for("import", lambda: len(client.archive_items.detail(pk=made.pk).values) == 1)


# Pages of the reference


@recipe("api/retries")
def retries(w):
    client = w.connect()

    class RetryAfterSomeTime(gcapi.retries.BaseRetryStrategy):
        def get_delay(self, latest_response):
            return 0.1

    patient = w.connect(retry_strategy=RetryAfterSomeTime)
    read = []
    for reader in (client, patient):
        w.control("POST", "/faults", {"match": {"path": "/archives/"}, "times": 2, "action": {"status": 503}})
        read.append(reader.archives.detail(slug="lung-phantoms"))
    w.control(
        "POST",
        "/faults",
        {"match": {"path": "/archives/"}, "action": {"status": 429, "headers": {"retry-after": "0"}}},
    )
    return [*read, client.archives.detail(slug="lung-phantoms")]


@recipe("api/client_methods")
def client_methods(w):
    """What their examples show: existing images and values are used again, with a title, an order, and no value."""
    client = w.connect()
    archive = client.archives.detail(slug="lung-phantoms")
    item = by_title(client.archive_items.iterate_all(params={"archive": archive.pk}), "Case 1")
    image = client.images.detail(api_url=value_of(item, "ct-image").image)
    made = client.add_case_to_archive(
        archive_slug="incoming-cases",
        title="A case",
        values=[
            SocketValueSpec(socket_slug="generic-medical-image", existing_image_api_url=image.api_url),
            SocketValueSpec(socket_slug="ct-image", existing_socket_value=value_of(item, "ct-image")),
            SocketValueSpec(socket_slug="measurements-csv", existing_socket_value=value_of(item, "measurements-csv")),
            SocketValueSpec(socket_slug="patient-age", existing_socket_value=value_of(item, "patient-age")),
            SocketValueSpec(socket_slug="acquisition-details", value={"kvp": 100}),
            SocketValueSpec(socket_slug="radiology-report", file=w.files / "report.pdf"),
        ],
    )
    wait_for("import", lambda: len(client.archive_items.detail(pk=made.pk).values) == 6)
    again = client.archive_items.detail(pk=made.pk)
    api = client.reader_studies.display_sets
    display_set = client.add_case_to_reader_study(
        reader_study_slug="practice-study",
        title="The same case",
        order=5,
        values=[
            SocketValueSpec(socket_slug="ct-image", existing_socket_value=value_of(again, "ct-image")),
            SocketValueSpec(socket_slug="radiology-report", existing_socket_value=value_of(again, "radiology-report")),
        ],
    )
    wait_for("import", lambda: len(api.detail(pk=display_set.pk).values) == 2)
    # None lets the platform choose.
    client.update_display_set(display_set_pk=display_set.pk, values=[], title="", order=None)
    client.update_archive_item(archive_item_pk=made.pk, values=[], title="Renamed")
    slugs = {"socket_slug": "no-such-socket", "value": 1}
    for add, into in (
        (client.add_case_to_archive, {"archive_slug": "incoming-cases"}),
        (client.add_case_to_reader_study, {"reader_study_slug": "practice-study"}),
    ):
        raises(ValueError, lambda: add(**into, values=[SocketValueSpec(**slugs)]))


@recipe("api/client_methods (DICOM)")
def client_methods_dicom(w):
    client = w.connect()
    made = client.add_case_to_archive(
        archive_slug="incoming-cases",
        values=[SocketValueSpec(socket_slug="ct-dicom-series", files=[w.files / "0.dcm", w.files / "1.dcm"], image_name="series")],
    )
    wait_for("import", lambda: len(client.archive_items.detail(pk=made.pk).values) == 1)


@recipe("api/archive_items")
def archive_items(w):
    client = w.connect()
    archive = client.archives.detail(slug="incoming-cases")
    made = client.archive_items.create(archive=archive.api_url, title="A case")
    age = {"interface": "patient-age", "value": 50}
    client.archive_items.partial_update(pk=made.pk, values=[age, {"interface": "is-smoker", "value": False}])
    client.archive_items.update(pk=made.pk, values=[age])
    large = client.archives.detail(slug="large-registry")
    page = client.archive_items.page(params={"archive": large.pk})
    assert (len(page), page.total_count, page.limit) == (100, 1234, 100)
    raises(MultipleObjectsReturned, lambda: client.archive_items.detail(archive=large.pk))
    assert "detail" in refused(403, lambda: client.archive_items.delete(pk=made.pk))


@recipe("api/reader_studies/display_sets")
def display_sets(w):
    client = w.connect()
    api = client.reader_studies.display_sets
    made = api.create(reader_study="practice-study", title="A case", order=7)
    api.partial_update(pk=made.pk, values=[{"interface": "patient-age", "value": 50}])
    before = api.detail(api_url=made.api_url)
    api.update(pk=made.pk, order=70)
    assert refused(405, lambda: api.delete(pk=made.pk)) == {"detail": 'Method "DELETE" not allowed.'}
    unanswered = {"reader_study": client.reader_studies.detail(slug="nodule-reading").pk, "unanswered_by_user": True}
    left = list(w.connect("reader").reader_studies.display_sets.iterate_all(params=unanswered))
    of_reader = list(api.iterate_all(params={**unanswered, "user": "reader"}))
    return {"made": [before.title_safe, before.order, before.values[0].value], "left": left, "of_reader": of_reader}


@recipe("api/reader_studies/questions")
def questions(w):
    client = w.connect()
    study = client.reader_studies.detail(slug="practice-study")
    asked = list(client.reader_studies.questions.iterate_all(params={"reader_study": study.pk}))
    assert client.reader_studies.questions.detail(pk=asked[0].pk) == asked[0]
    assert [question.pk for question in asked] == [question.pk for question in study.questions]
    return asked


@recipe("api/reader_studies/answers")
def answers(w):
    client, reader = w.connect(), w.connect("reader")
    study = client.reader_studies.detail(slug="nodule-reading")
    shown = list(client.reader_studies.display_sets.iterate_all(params={"reader_study": study.pk}))
    choice = next(question for question in study.questions if question.answer_type == "Choice")
    own = reader.reader_studies.answers
    # The client makes links of bare pks.
    case = {"question": choice.pk, "display_set": shown[2].pk}
    made = own.create(answer=choice.options[0].id, last_edit_duration="00:00:42", **case)
    assert (made.creator, own.detail(pk=made.pk).answer) == ("reader", choice.options[0].id)
    for answer, text in (
        (choice.options[1].id, "User reader has already answered this question for this display set."),
        ("Yes", "Your answer is not the correct type. Choice expected, <class 'str'> found."),
    ):
        assert refused(400, lambda: own.create(answer=answer, **case)) == {"non_field_errors": [text]}
    assert "detail" in refused(403, lambda: own.delete(pk=made.pk))

    practice = client.reader_studies.detail(slug="practice-study")
    grade = next(question for question in practice.questions if question.answer_type == "Choice")
    (given,) = own.mine.iterate_all(params={"question__reader_study": practice.pk})
    own.partial_update(pk=given.pk, answer=grade.options[1].id, last_edit_duration="00:00:10")
    put = {"answer": grade.options[0].id, "question": given.question, "display_set": given.display_set}
    assert "non_field_errors" in refused(400, lambda: own.update(pk=given.pk, **put))


@recipe("api/reader_studies/answers (mask)")
def mask_answer(w):
    """The client reads upload sessions but does not start them any more; the platform takes them still."""
    reader = w.connect("reader")
    study = reader.reader_studies.detail(slug="practice-study")
    region = next(question for question in study.questions if question.answer_type == "Mask")
    case = next(iter(reader.reader_studies.display_sets.iterate_all(params={"reader_study": study.pk})))
    own = reader.reader_studies.answers
    made = own.create(answer=None, question=region.pk, display_set=case.pk)
    with (w.files / "patient1" / "lung.mha").open("rb") as file:
        upload = reader.uploads.upload_fileobj(fileobj=file, filename="lung.mha")
    body = {"answer": made.pk, "uploads": [upload.api_url]}
    session = reader(method="POST", path="cases/upload-sessions/", json=body)
    done = wait_for("mask", lambda: (answer := own.detail(pk=made.pk)) and answer.answer_image and answer)
    assert done.answer == {"upload_session_pk": session["pk"]}
    assert reader.raw_image_upload_sessions.detail(pk=session["pk"]).image_set == [done.answer_image]


@recipe("api/reader_studies")
def reader_studies(w):
    client = w.connect()
    study = client.reader_studies.detail(slug="nodule-reading")
    assert client.reader_studies.detail(api_url=study.api_url) == study
    shown = list(client.reader_studies.display_sets.iterate_all(params={"reader_study": study.pk}))
    return client.reader_studies.ground_truth(study.pk, shown[0].pk)


@recipe("api/algorithm_jobs")
def algorithm_jobs(w):
    client = w.connect()
    algorithm = client.algorithms.detail(slug="clinical-echo")
    inputs = [{"interface": "clinical-information", "value": {"history": ["cough"]}}]
    job = client.algorithm_jobs.create(algorithm=algorithm.api_url, inputs=inputs)
    statuses(client, [job])
    archive = client.archives.detail(slug="lung-phantoms")
    image = next(iter(client.images.iterate_all(params={"archive": archive.pk})))
    # It means the jobs of an image, but the platform does not know the filter it sends.
    assert [found.pk for found in client.algorithm_jobs.by_input_image(image.pk)] == [job.pk]
    for call in (client.algorithm_jobs.update, client.algorithm_jobs.partial_update, client.algorithm_jobs.delete):
        assert "detail" in refused(403, lambda: call(pk=job.pk))


@recipe("api/images")
def images(w):
    client = w.connect()
    archive = client.archives.detail(slug="legacy-and-dicom")
    kept = {image.name: image for image in client.images.iterate_all(params={"archive": archive.pk})}
    client.images.download(pk=kept["legacy.mhd"].pk, output_directory=w.output / "pair", filename="legacy")
    client.images.download(url=kept["CT series"].api_url, output_directory=w.output / "DICOM")
    client.images.download(name="chest-xray.tif", output_directory=w.output / "TIFF", filename="chest-xray")
    # The type of a file is no text in the client's model, so that asking for one finds none.
    assert client.images.download(pk=kept["chest-xray.tif"].pk, output_directory=w.output, image_type="TIFF") == []
    # It refuses to write an instance of several frames once for each of them; with several at a time, its look for the file may
    # come before the other thread has made it.
    frames = kept["Multi-frame instance"].pk
    alone = w.connect(max_concurrent_downloads=1)
    raises(FileExistsError, lambda: alone.images.download(pk=frames, output_directory=w.output / "frames"))
    return {path: sha for path, sha in tree(w.output).items() if not path.startswith("frames/")}


@recipe("api/uploads")
def uploads(w):
    client = w.connect()
    with (w.files / "big.bin").open("rb") as file:
        upload = client.uploads.upload_fileobj(fileobj=file, filename="big.bin")
    assert client.uploads.detail(pk=upload.pk).status == "Completed"
    small = [w.files / "report.pdf", w.files / "threshold.json"]
    opened = [path.open("rb") for path in small]
    client.uploads.upload_multiple_fileobj(file_objects=opened, filenames=[path.name for path in small])
    started = client.uploads.create(filename="started.bin")
    key = {"pk": started.pk, "s3_upload_id": started.s3_upload_id}
    urls = client.uploads.generate_presigned_urls(**key, part_numbers=[1]).presigned_urls
    tag = client.request(method="PUT", url=urls["1"], content=(w.files / "started.bin").read_bytes()).headers["ETag"]
    assert [part.ETag for part in client.uploads.list_parts(**key).parts] == [tag]
    client.uploads.complete_multipart_upload(**key, parts=[{"ETag": tag, "PartNumber": 1}])
    aborted = client.uploads.create(filename="aborted.bin")
    client.uploads.abort_multipart_upload(pk=aborted.pk, s3_upload_id=aborted.s3_upload_id)
    return sorted((upload.filename, upload.status) for upload in client.uploads.iterate_all())


@recipe("api/raw_image_upload_sessions")
def raw_image_upload_sessions(w):
    client = w.connect()
    made = client.add_case_to_archive(
        archive_slug="incoming-cases",
        values=[SocketValueSpec(socket_slug="ct-image", file=w.files / "patient1" / "lung.mha")],
    )
    wait_for("import", lambda: len(client.archive_items.detail(pk=made.pk).values) == 1)
    (session,) = client.raw_image_upload_sessions.iterate_all()
    return [client.raw_image_upload_sessions.detail(pk=session.pk).status, len(session.image_set)]


@recipe("api/interfaces")
def interfaces(w):
    client = w.connect()
    return [client.interfaces.detail(slug="ct-image"), *client.interfaces.iterate_all()]


@recipe("api/algorithms and api/algorithm_images")
def algorithms(w):
    client = w.connect()
    return [*client.algorithms.iterate_all(), *client.algorithm_images.iterate_all()]


@recipe("api/archives")
def archives(w):
    return list(w.connect().archives.iterate_all())


@recipe("api/sessions")
def sessions(w):
    client = w.connect()
    found = list(client.sessions.iterate_all())
    assert client.sessions.detail(pk=found[0].pk) == found[0]
    running = next(session for session in found if session.status == "Running")
    path = f"workstations/sessions/{running.pk}/keep_alive/"
    assert client(method="PATCH", path=path) == {"status": "session extended"}
    return found


@recipe("api/workstation_configs")
def workstation_configs(w):
    client = w.connect()
    (complete,) = (
        config for config in client(path="workstations/configs/")["results"] if config["default_window_preset"] is not None
    )
    # Most configurations leave something empty that the client's model wants.
    raises(ValidationError, lambda: list(client.workstation_configs.iterate_all()))
    return client.workstation_configs.detail(pk=complete["pk"])


def has_fields(model, shown):
    """Whether a model of the client can be made of what the sandbox shows, and knows all of it."""
    model(**shown)
    return set(shown) <= {field.name for field in fields(model)}


@recipe("api/models (evaluations)")
def evaluations(w):
    """There are models without methods; the client calls any path."""
    client, evaluator = w.connect(), w.connect("evaluator")
    shown = client(path="evaluations/")["results"]
    (by_algorithm,) = (e for e in shown if e["submission"]["algorithm_image"] and e["method"])
    assert has_fields(models.Evaluation, by_algorithm) and by_algorithm["rank"] == 1
    claimable = evaluator(path="evaluations/claimable_evaluations/")
    assert {e["status"] for e in claimable} == {"Queued"} and len(claimable) == 3
    claimed = evaluator(method="PATCH", path=f"evaluations/{claimable[0]['pk']}/claim/", json={})
    # The models of 0.15.1 do not allow for evaluations that have not been timed.
    assert not is_late or has_fields(models.ExternalEvaluation, claimed)
    archive = evaluator(url=claimed["algorithm_image"]["image"], follow_redirects=True).content
    assert archive.startswith(b"\x1f\x8b")
    report = {"status": "Succeeded", "metrics": {"aggregates": {"dice": 0.95}}}
    path = f"evaluations/{claimed['pk']}/update_external_evaluation/"
    assert evaluator(method="PATCH", path=path, json=report) == {**report, "error_message": ""}
    wait_for("rank", lambda: client(path=f"evaluations/{claimed['pk']}/")["rank"] == 1)
    second = lambda: evaluator(method="PATCH", path=f"evaluations/{claimable[1]['pk']}/claim/", json={})
    assert refused(400, second) == {"status": "You can only claim one evaluation at a time."}


@recipe("api/models")
def other_models(w):
    client = w.connect()
    for path, model in (
        ("challenges/", models.PublicChallenge),
        ("notifications/", models.Notification),
        ("subscriptions/", models.Follow),
        ("workstations/", models.Workstation),
    ):
        shown = client(path=path)["results"]
        assert shown and all(has_fields(model, one) for one in shown)
    session = client(path="workstations/sessions/")["results"][0]
    form = {"session": f"{client.base_url}workstations/sessions/{session['pk']}/", "user_comment": "Well done"}
    picture = {"screenshot": ("screen.png", b"png", "image/png")}
    feedback = client(method="POST", path="workstations/feedback/", data=form, files=picture)
    assert has_fields(models.Feedback, feedback)
    assert has_fields(models.GCAPIVersion, client(path="gcapi/"))
    return client(path="profiles/users/self/")
