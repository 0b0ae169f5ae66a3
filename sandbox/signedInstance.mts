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

/** The signature over everything a request consists of. */
export const dicomSignature = (
	secret: string,
	parts: { method: string; path: string; host: string; accept: string; date: string },
): string => sign(secret, parts.method, parts.path, parts.accept, parts.host, parts.date);

/** A ready-made request to the DICOM origin: URL, method and the exact headers, which are signed. */
const signedRequest = (
	platform: Platform,
	{ method, path, accept, data }: { method: 'GET' | 'POST'; path: string; accept: string; data: Json },
): Json => {
	const date = amzDate(platform.clock.wall());
	const origin = platform.origins.dicom;
	const full = `/datastore/${datastore}/${path}`;
	const signature = dicomSignature(platform.secret, { method, path: full, host: new URL(origin).host, accept, date });
	const scope = `${credential}/${date.slice(0, 8)}/eu-central-1/medical-imaging/aws4_request`;
	return {
		url: origin + full,
		method,
		data,
		headers: {
			Accept: accept,
			'X-Amz-Date': date,
			'X-Amz-Security-Token': securityToken(platform.secret, date),
			Authorization: `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=accept;host;x-amz-date, Signature=${signature}`,
		},
	};
};

/** The request for an instance. */
export const signedInstance = (platform: Platform, imageSetId: string, instance: DicomInstance): Json =>
	signedRequest(platform, {
		method: 'GET',
		path: `studies/${instance.studyUid}/series/${instance.seriesUid}/instances/${instance.sopInstanceUid}?imageSetId=${imageSetId}`,
		accept: dicomAccept,
		data: null,
	});

/** The request for what is in an image set. */
export const signedMetadata = (platform: Platform, imageSetId: string): Json =>
	signedRequest(platform, {
		method: 'POST',
		path: `imageSet/${imageSetId}/getImageSetMetadata`,
		accept: 'application/json',
		data: null,
	});

/** The request for the pixels of a frame. */
export const signedFrame = (platform: Platform, imageSetId: string, frameId: string): Json =>
	signedRequest(platform, {
		method: 'POST',
		path: `imageSet/${imageSetId}/getImageFrame`,
		accept: 'application/octet-stream',
		data: { imageFrameId: frameId },
	});

/** The ids of the frames of an instance. */
export const frameIds = (platform: Platform, instance: DicomInstance): string[] =>
	Array.from({ length: instance.frames }, (_, i) =>
		sign(platform.secret, 'frame', instance.sopInstanceUid, String(i)).slice(0, 32),
	);
