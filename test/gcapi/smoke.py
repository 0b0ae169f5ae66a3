"""The official client against the sandbox: the check that the sandbox is honest.

Usage: python smoke.py, with gcapi installed. Starts the sandbox itself (https), in the state of the server that this
gcapi was made for, and says what it did, line by line.
"""

import json
import logging
import os
import struct
import subprocess
import sys
import tempfile
import time
from dataclasses import fields
from importlib.metadata import version
from pathlib import Path

import gcapi
from gcapi import SocketValueSpec, models
from gcapi.exceptions import ObjectNotFound
from httpx import HTTPStatusError
from pydantic import ValidationError

# The client logs every refusal; those that are meant would hide the others.
logging.getLogger("gcapi").setLevel(logging.CRITICAL)

root = Path(__file__).resolve().parents[2]
is_late = tuple(int(part) for part in version("gcapi").split(".")[:2]) >= (0, 16)


def start_sandbox():
    drift = "C" if is_late else "B"
    process = subprocess.Popen(
        ["node", "--import", "tsx", "sandbox/main.mts", "--json", "--until-stdin-closes", "--https", "--drift", drift],
        cwd=root,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    return process, json.loads(process.stdout.readline())


def wait_for(what, check, seconds=60):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = check()
        if found:
            return found
        time.sleep(0.1)
    raise AssertionError(f"{what} did not happen within {seconds} s")


def refused(status, call):
    """The JSON of the answer by which the platform refuses a call."""
    try:
        call()
    except HTTPStatusError as error:
        assert error.response.status_code == status, (error.response.status_code, error.response.text)
        return error.response.json()
    raise AssertionError("it was not refused")


def mha(value, size=4):
    header = (
        "ObjectType = Image\nNDims = 3\nBinaryData = True\nBinaryDataByteOrderMSB = False\nCompressedData = False\n"
        f"ElementSpacing = 1 1 1\nDimSize = {size} {size} {size}\nElementType = MET_SHORT\nElementDataFile = LOCAL\n"
    )
    return header.encode() + struct.pack(f"<{size ** 3}h", *[value] * size**3)


def value_of(case, slug):
    return next(value for value in case.values if value.interface.slug == slug)


def use_algorithms(client):
    algorithm = client.algorithms.detail(slug="lung-volume-above-threshold")
    assert [len(interface.inputs) for interface in algorithm.interfaces] == [1, 2]
    assert client.algorithms.detail(api_url=algorithm.api_url).pk == algorithm.pk
    (image,) = client.algorithm_images.iterate_all(params={"algorithm": algorithm.pk})
    assert client.algorithm_images.detail(pk=image.pk).api_url == image.api_url
    assert client.algorithms.detail(api_url=image.algorithm).slug == algorithm.slug
    print("algorithms, container images")


def use_archives(client, folder):
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
    return cases, images


def change_archives(client, folder, cases, images):
    scan = folder / "scan.mha"
    scan.write_bytes(mha(100))
    dicom = next((folder / "legacy" / "DICOM series").rglob("*.dcm"))
    made = client.add_case_to_archive(
        archive_slug="incoming-cases",
        title="from the client",
        values=[
            SocketValueSpec(socket_slug="ct-image", file=scan),
            SocketValueSpec(socket_slug="radiology-report", file=folder / "first/radiology-report.pdf"),
            SocketValueSpec(socket_slug="patient-age", value=44),
            SocketValueSpec(socket_slug="acquisition-details", value={"kvp": 100}),
            SocketValueSpec(socket_slug="ct-dicom-series", file=dicom, image_name="series"),
            SocketValueSpec(socket_slug="nodule-location", existing_socket_value=value_of(cases[0], "nodule-location")),
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
            SocketValueSpec(
                socket_slug="measurements-csv", existing_socket_value=value_of(cases[0], "measurements-csv")
            ),
        ],
    )
    item = wait_for("update", lambda: (i := client.archive_items.detail(pk=made.pk)) and len(i.values) == 8 and i)
    assert item.title == "renamed"
    print("update_archive_item, with a file taken from another item")
    return scan, value_of(item, "ct-image").image


def start_jobs(client, folder, scan, image):
    job = client.start_algorithm_job(
        algorithm_slug="lung-volume-above-threshold",
        inputs=[
            SocketValueSpec(socket_slug="ct-image", existing_image_api_url=image),
            SocketValueSpec(socket_slug="segmentation-threshold", value=99.5),
        ],
    )
    # Not by the client's model: the one of 0.15.1 refuses the null durations of a job that is still running.
    is_done = lambda pk: client(path=f"algorithms/jobs/{pk}/")["status"] == "Succeeded"
    wait_for("job", lambda: is_done(job.pk))
    uploaded = client.start_algorithm_job(
        algorithm_slug="lung-volume-above-threshold", inputs=[SocketValueSpec(socket_slug="ct-image", file=scan)]
    )
    wait_for("second job", lambda: is_done(uploaded.pk))
    done = client.algorithm_jobs.detail(pk=job.pk)
    outputs = folder / "outputs"
    for value in done.outputs:
        client.download_socket_value(value, output_directory=outputs)
    assert json.loads((outputs / "volume-above-threshold.json").read_text()) == 0.064
    assert json.loads((outputs / "mean-intensity.json").read_text()) == 100
    assert json.loads((outputs / "reports/threshold-report.json").read_text())["voxels_above_threshold"] == 64
    assert len(list(client.algorithm_jobs.iterate_all())) == 2
    algorithm = client.algorithms.detail(slug="lung-volume-above-threshold")
    jobs = client.algorithm_jobs.iterate_all(params={"algorithm_image__algorithm": algorithm.pk})
    assert {found.pk for found in jobs} == {job.pk, uploaded.pk}
    files = sorted(str(path.relative_to(outputs)) for path in outputs.rglob("*") if path.is_file())
    print(f"two jobs; outputs: {files}")


def use_uploads(client, folder):
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


def use_display_sets(client, folder, scan):
    study = client.reader_studies.detail(slug="practice-study")
    assert client.reader_studies.detail(pk=study.pk).title_safe == "Practice Study"
    assert client.reader_studies.detail(api_url=study.api_url).slug == study.slug
    asked = list(client.reader_studies.questions.iterate_all(params={"reader_study": study.pk}))
    assert [question.pk for question in asked] == [question.pk for question in study.questions]
    api = client.reader_studies.display_sets
    before = list(api.iterate_all(params={"reader_study": study.pk}))

    made = client.add_case_to_reader_study(
        reader_study_slug=study.slug,
        title="from the client",
        order=None,
        values=[
            SocketValueSpec(socket_slug="ct-image", file=scan),
            SocketValueSpec(socket_slug="radiology-report", file=folder / "first/radiology-report.pdf"),
            SocketValueSpec(socket_slug="patient-age", value=50),
        ],
    )
    assert made.order == 10 * (1 + len(before)), made.order
    case = wait_for("import", lambda: (c := api.detail(pk=made.pk)) and len(c.values) == 3 and c)
    assert api.detail(api_url=made.api_url).title_safe == "from the client"

    # Values of other display sets are used again: an image by reference, a file by sending it again.
    again = client.add_case_to_reader_study(
        reader_study_slug=study.slug,
        values=[
            SocketValueSpec(socket_slug="ct-image", existing_socket_value=value_of(case, "ct-image")),
            SocketValueSpec(socket_slug="generic-medical-image", existing_image_api_url=value_of(case, "ct-image").image),
            SocketValueSpec(socket_slug="radiology-report", existing_socket_value=value_of(case, "radiology-report")),
            SocketValueSpec(socket_slug="patient-age", existing_socket_value=value_of(case, "patient-age")),
        ],
    )
    copy = wait_for("second import", lambda: (c := api.detail(pk=again.pk)) and len(c.values) == 4 and c)
    assert value_of(copy, "ct-image").image == value_of(case, "ct-image").image
    print("add_case_to_reader_study, twice")

    client.update_display_set(
        display_set_pk=again.pk,
        title="renamed",
        order=15,
        values=[SocketValueSpec(socket_slug="patient-age", value=51)],
    )
    changed = api.detail(pk=again.pk)
    assert (changed.title_safe, changed.order, value_of(changed, "patient-age").value) == ("renamed", 15, 51)
    assert api.partial_update(pk=again.pk, order=7, title="").order == 7
    assert [c.pk for c in api.iterate_all(params={"reader_study": study.pk})][0] == again.pk
    assert api.update(pk=again.pk, order=70).values == []
    assert refused(405, lambda: api.delete(pk=again.pk)) == {"detail": 'Method "DELETE" not allowed.'}
    try:
        client.add_case_to_reader_study(
            reader_study_slug=study.slug, values=[SocketValueSpec(socket_slug="no-such-socket", value=1)]
        )
        raise SystemExit("a socket that does not exist was taken")
    except ValueError:
        pass
    print("update_display_set, partial_update, update; no delete")


def use_answers(client, reader, folder):
    study = client.reader_studies.detail(slug="nodule-reading")
    answers = list(client.reader_studies.answers.iterate_all(params={"question__reader_study": study.pk}))
    truth = [answer for answer in answers if answer.is_ground_truth]
    assert (len(answers), len(truth)) == (15, 3)
    by_reader = {"question__reader_study": study.pk, "creator": "reader"}
    assert len(list(client.reader_studies.answers.iterate_all(params=by_reader))) == 9
    questions = {question.api_url: question for question in study.questions}
    titles = {
        (answer.creator, questions[answer.question].question_text_safe): [
            option.title for option in questions[answer.question].options if option.id in answer.answer
        ]
        for answer in answers
        if questions[answer.question].answer_type == "Multiple choice" and not answer.is_ground_truth
    }
    assert titles[("reader", "What else do you see?")] == ["Emphysema", "Fibrosis"]
    (mask,) = (answer for answer in answers if answer.answer_image is not None)
    (saved,) = client.images.download(url=mask.answer_image, output_directory=folder / "mask")
    assert saved.read_bytes().startswith(b"ObjectType = Image")
    display_sets = list(client.reader_studies.display_sets.iterate_all(params={"reader_study": study.pk}))
    per_case = [
        len(list(client.reader_studies.answers.iterate_all(params={"display_set": display_set.pk})))
        for display_set in display_sets
    ]
    assert per_case == [13, 2, 0, 0]
    texts = [given["answer_text"] for given in client.reader_studies.ground_truth(study.pk, display_sets[0].pk).values()]
    assert texts == ["Yes", "Emphysema"]
    print(f"{len(answers)} answers by reader, case and in words; a mask; ground truth")

    unanswered = {"reader_study": study.pk, "unanswered_by_user": True}
    assert len(list(reader.reader_studies.display_sets.iterate_all(params=unanswered))) == 3
    own = reader.reader_studies.answers
    choice = next(question for question in study.questions if question.answer_type == "Choice")
    # The client makes links of bare pks.
    case = {"question": choice.pk, "display_set": display_sets[2].pk}
    made = own.create(answer=choice.options[0].id, last_edit_duration="00:00:42", **case)
    assert (made.creator, made.last_edit_duration, own.detail(pk=made.pk).answer) == (
        "reader",
        "00:00:42",
        choice.options[0].id,
    )
    assert len(list(own.mine.iterate_all(params={"question__reader_study": study.pk}))) == 10
    for answer, text in (
        (choice.options[1].id, "User reader has already answered this question for this display set."),
        ("Yes", "Your answer is not the correct type. Choice expected, <class 'str'> found."),
    ):
        assert refused(400, lambda: own.create(answer=answer, **case)) == {"non_field_errors": [text]}
    assert "detail" in refused(403, lambda: own.delete(pk=made.pk))
    print("answers: create, mine, refused a second time; no delete")

    practice = client.reader_studies.detail(slug="practice-study")
    grade = next(question for question in practice.questions if question.answer_type == "Choice")
    (given,) = own.mine.iterate_all(params={"question__reader_study": practice.pk})
    changed = own.partial_update(pk=given.pk, answer=grade.options[1].id, last_edit_duration="00:00:10")
    assert (changed.answer, changed.total_edit_duration) == (grade.options[1].id, "00:00:40")
    put = {"answer": grade.options[0].id, "question": given.question, "display_set": given.display_set}
    assert "non_field_errors" in refused(400, lambda: own.update(pk=given.pk, **put))
    print("answers: partial_update; no update")

    region = next(question for question in practice.questions if question.answer_type == "Mask")
    empty = own.create(answer=None, question=region.pk, display_set=given.display_set)
    (folder / "region.mha").write_bytes(mha(1))
    with (folder / "region.mha").open("rb") as file:
        upload = reader.uploads.upload_fileobj(fileobj=file, filename="region.mha")
    # The client reads upload sessions but does not start them any more; the platform takes them still.
    session = reader(
        method="POST", path="cases/upload-sessions/", json={"answer": empty.pk, "uploads": [upload.api_url]}
    )
    done = wait_for("mask", lambda: (a := own.detail(pk=empty.pk)) and a.answer_image and a)
    assert done.answer == {"upload_session_pk": session["pk"]}
    assert reader.raw_image_upload_sessions.detail(pk=session["pk"]).image_set == [done.answer_image]
    print("answers: a mask by upload session")


def use_viewers(client):
    configs = client(path="workstations/configs/")["results"]
    (complete,) = (config for config in configs if config["default_window_preset"] is not None)
    assert client.workstation_configs.detail(pk=complete["pk"]).default_window_preset.title == "Lung"
    # Most configurations leave something empty that the client's model wants.
    try:
        list(client.workstation_configs.iterate_all())
        raise SystemExit("the client reads empty settings now: use it here")
    except ValidationError:
        pass
    sessions = list(client.sessions.iterate_all())
    running = next(session for session in sessions if session.status == "Running")
    path = f"workstations/sessions/{running.pk}/keep_alive/"
    assert client(method="PATCH", path=path) == {"status": "session extended"}
    print(f"{len(configs)} viewer configurations, {len(sessions)} sessions, one of them kept alive")


def has_fields(model, shown):
    """Whether a model of the client can be made of what the sandbox shows, and knows all of it."""
    model(**shown)
    return set(shown) <= {field.name for field in fields(model)}


def use_the_rest(client, evaluator):
    """Resources for which the client has models but no methods."""
    (open_one,) = (c for c in client(path="challenges/")["results"] if c["slug"] == "nodules26")
    assert has_fields(models.PublicChallenge, open_one)
    evaluations = client(path="evaluations/")["results"]
    (by_algorithm,) = (e for e in evaluations if e["submission"]["algorithm_image"] and e["method"])
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
    print(f"{len(evaluations)} evaluations; one claimed, downloaded, reported and ranked")

    for path, model in (
        ("notifications/", models.Notification),
        ("subscriptions/", models.Follow),
        ("workstations/", models.Workstation),
    ):
        assert all(has_fields(model, shown) for shown in client(path=path)["results"])
    session = client(path="workstations/sessions/")["results"][0]
    feedback = client(
        method="POST",
        path="workstations/feedback/",
        data={
            "session": f"{client.base_url}workstations/sessions/{session['pk']}/",
            "user_comment": "Well done",
        },
        files={"screenshot": ("screen.png", b"png", "image/png")},
    )
    assert has_fields(models.Feedback, feedback)
    assert has_fields(models.GCAPIVersion, client(path="gcapi/"))
    assert client(path="profiles/users/self/")["user"] == {"username": "main"}
    print("challenges, notifications, subscriptions, viewers, feedback, profile")


def use_endpoints(client, folder, image):
    algorithm = client.algorithms.detail(slug="lung-volume-above-threshold")
    endpoint = client.algorithm_endpoints.create(algorithm=algorithm.api_url)
    wait_for("endpoint", lambda: client.algorithm_endpoints.detail(pk=endpoint.pk).status == "Running")
    assert client.algorithm_endpoints.detail(status="Running").pk == endpoint.pk
    assert client.algorithm_endpoints.keep_alive(pk=endpoint.pk) == {"status": "Endpoint lifetime extended"}
    invocation = client.invoke_algorithm_endpoint(
        endpoint_pk=endpoint.pk,
        inputs=[
            SocketValueSpec(socket_slug="ct-image", existing_image_api_url=image),
            SocketValueSpec(socket_slug="segmentation-threshold", value=99.5),
        ],
    )
    done = wait_for(
        "invocation", lambda: (i := client.algorithm_invocations.detail(pk=invocation.pk)).status == "Succeeded" and i
    )
    for value in done.outputs:
        client.download_socket_value(value, output_directory=folder / "invocation")
    assert json.loads((folder / "invocation/volume-above-threshold.json").read_text()) == 0.064
    print("an endpoint, an invocation and its outputs")


def run(api, tokens, folder):
    connect = lambda name: gcapi.Client(token=tokens[name], base_url=f"{api}/api/v1/")
    client, reader, evaluator = connect("main"), connect("reader"), connect("evaluator")
    print(f"gcapi {version('gcapi')}: client constructed, version check passed")
    use_algorithms(client)
    cases, images = use_archives(client, folder)
    scan, image = change_archives(client, folder, cases, images)
    start_jobs(client, folder, scan, image)
    use_display_sets(client, folder, scan)
    use_answers(client, reader, folder)
    use_uploads(client, folder)
    use_viewers(client)
    use_the_rest(client, evaluator)
    if is_late:
        use_endpoints(client, folder, image)


def main():
    process, ready = start_sandbox()
    try:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            (folder / "ca.pem").write_text(ready["ca"])
            os.environ["SSL_CERT_FILE"] = str(folder / "ca.pem")
            run(ready["api"], ready["tokens"], folder)
        print("all good")
    finally:
        process.stdin.close()
        process.wait(timeout=10)


if __name__ == "__main__":
    sys.exit(main())
