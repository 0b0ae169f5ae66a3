// npm run dicom-table: makes client/dicom/procedure.ts anew, after scripts/dicom/procedure.json was replaced by a newer one.
import { writeFileSync } from 'node:fs';
import { readProcedure, tableText, target } from './table.mts';

writeFileSync(target, tableText(readProcedure()));
