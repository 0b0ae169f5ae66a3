import type { Json } from './json.mts';
import type { Platform } from './platform.mts';
import { amzDate, sign } from './signatures.mts';
import type { DicomInstance } from './store.mts';

/** The Accept header of an instance request; it is signed too. */
const dicomAccept = 'application/dicom; transfer-syntax=1.2.840.10008.1.2.4.202';

const datastore = 'sandbox0000000000000000000datastore';
const credential = 'ASIASANDBOX';

/** Session token that goes with a date. */
export const securityToken = (secret: string, date: string): string => sign(secret, 'session', date);

/** The signature over everything an instance request consists of. */
export const dicomSignature = (
	secret: string,
	parts: { path: string; host: string; accept: string; date: string },
): string => sign(secret, 'GET', parts.path, parts.accept, parts.host, parts.date);

/** A ready-made request for a DICOM instance: URL, method and the exact headers, which are signed. */
export const signedInstance = (platform: Platform, imageSetId: string, instance: DicomInstance): Json => {
	const path = `/datastore/${datastore}/studies/${instance.studyUid}/series/${instance.seriesUid}/instances/${instance.sopInstanceUid}?imageSetId=${imageSetId}`;
	const date = amzDate(platform.clock.wall());
	const origin = platform.origins.dicom;
	const signature = dicomSignature(platform.secret, { path, host: new URL(origin).host, accept: dicomAccept, date });
	const scope = `${credential}/${date.slice(0, 8)}/eu-central-1/medical-imaging/aws4_request`;
	return {
		url: origin + path,
		method: 'GET',
		data: null,
		headers: {
			Accept: dicomAccept,
			'X-Amz-Date': date,
			'X-Amz-Security-Token': securityToken(platform.secret, date),
			Authorization: `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=accept;host;x-amz-date, Signature=${signature}`,
		},
	};
};
