import type { INodeProperties } from 'n8n-workflow';

import type { FileSource } from '../../../../client';
import { badInput } from '../../../../client/transport/errors';
import { filesField, filesIn, hintAtDicom } from '../../fields/files';
import type { Call } from '../../operation';

export const fileField: INodeProperties = filesField('One file. Its name matters: the ending decides how Grand Challenge imports it.');

/** @throws GrandChallengeError (badInput) for none, or several */
export const fileIn = (call: Call): FileSource => {
	const files = filesIn(call, call.parameters.raw('field'));
	const [file] = files;
	if (file && files.length === 1) {
		hintAtDicom(call, files, 'the upload', 'Image: De-Identify DICOM');
		return file;
	}
	throw badInput(`'Input Data Field Name' names ${files.length} files`, 'An upload is one file; Upload Session: Create sends several');
};
