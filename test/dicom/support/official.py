"""Compares our de-identifier with the official one, file by file.

Reads lines of JSON: {"input": path, "ours": path or null}, or {"series": [paths]} for a pass as the server makes it. Answers each
with a line: {"refused": reason or null, "differences": [text]}.
"""

import io
import json
import sys

import pydicom
from grand_challenge_dicom_de_id_procedure import procedure
from grand_challenge_dicom_de_identifier.deidentifier import DicomDeidentifier
from grand_challenge_dicom_de_identifier.exceptions import RejectedDICOMFileError

pydicom.config.settings.reading_validation_mode = pydicom.config.IGNORE
pydicom.config.settings.writing_validation_mode = pydicom.config.IGNORE

METHOD = 0x00120063
PIXELS = 0x7FE00010
COMMON = ("StudyInstanceUID", "SeriesInstanceUID", "PatientID", "StudyID", "StudyDate", "AccessionNumber", "SeriesNumber")


def describe(element):
    return f"{element.tag} {element.VR}"


def compare(theirs, ours, tags, where, uids, found):
    for tag in sorted({*theirs.keys(), *ours.keys()}):
        path = f"{where}{tag}"
        if tag not in theirs or tag not in ours:
            found.append(f"{path} only in {'theirs' if tag in theirs else 'ours'}")
            continue
        a, b = theirs[tag], ours[tag]
        action = tags.get(str(tag), {}).get("default")
        if a.VR != b.VR:
            found.append(f"{path} is {a.VR} in theirs, {b.VR} in ours")
        elif a.VR == "SQ":
            # Sequences to be emptied: version 0.1.1 fills their elements with dummies instead, its successor empties them.
            if action == "Z" and len(b.value) == 0:
                continue
            if len(a.value) != len(b.value):
                found.append(f"{path} has another number of items")
            for i, (left, right) in enumerate(zip(a.value, b.value)):
                compare(left, right, tags, f"{path}[{i}]", uids, found)
        elif action == "U":
            # Equal up to renaming: one of ours for one of theirs.
            if a.is_empty and b.is_empty:
                continue
            if uids.setdefault(("theirs", a.value), b.value) != b.value or uids.setdefault(("ours", b.value), a.value) != a.value:
                found.append(f"{path} is not replaced as others are")
        elif tag == METHOD and where == "":
            if list(a.value)[:-1] != list(b.value)[:-1] if a.VM > 1 and b.VM > 1 else a.VM != b.VM:
                found.append(f"{path} does not keep what was there")
        elif a.value != b.value:
            found.append(f"{path} differs")


def same_file(question):
    output = io.BytesIO()
    try:
        DicomDeidentifier().deidentify_file(question["input"], output=output)
    except RejectedDICOMFileError as error:
        return {"refused": f"rejected: {error.justification}", "differences": []}
    except Exception as error:
        return {"refused": f"fails: {type(error).__name__}", "differences": []}
    if question["ours"] is None:
        return {"refused": None, "differences": []}
    output.seek(0)
    theirs, ours = pydicom.dcmread(output), pydicom.dcmread(question["ours"])
    original = pydicom.dcmread(question["input"], force=True)
    found = []
    compare(theirs, ours, procedure["sopClass"][original.SOPClassUID]["tag"], "", {}, found)
    if PIXELS in original and original[PIXELS].value != ours[PIXELS].value:
        found.append("the pixels were changed")
    if ours.file_meta.TransferSyntaxUID != original.file_meta.TransferSyntaxUID:
        found.append("the transfer syntax was changed")
    return {"refused": None, "differences": found}


def series(paths):
    server = DicomDeidentifier(assert_unique_value_for=COMMON, study_instance_uid_suffix="1.1", series_instance_uid_suffix="1.2")
    for path in paths:
        try:
            server.deidentify_file(path, output=io.BytesIO())
        except RejectedDICOMFileError as error:
            return {"refused": error.justification, "differences": []}
    return {"refused": None, "differences": []}


for line in sys.stdin:
    question = json.loads(line)
    answer = series(question["series"]) if "series" in question else same_file(question)
    print(json.dumps(answer), flush=True)
