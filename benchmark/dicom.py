"""The process of dicom.mts: reads {pairs: [{input, output}]}, paths, on a line, de-identifies, and answers {seconds} in JSON."""

import json
import sys
import time

from grand_challenge_dicom_de_identifier.deidentifier import DicomDeidentifier

for line in sys.stdin:
    task = json.loads(line)
    start = time.perf_counter()
    deidentifier = DicomDeidentifier()
    for pair in task["pairs"]:
        deidentifier.deidentify_file(pair["input"], output=pair["output"])
    print(json.dumps({"seconds": time.perf_counter() - start}), flush=True)
