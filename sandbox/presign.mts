import type { Platform } from './platform.mts';
import { amzDate, sign } from './signatures.mts';
import type { Upload } from './store.mts';

/** Bucket of the temporary uploads. */
export const uploadBucket = 'grand-challenge-uploads';

/** Key of an upload in the bucket. */
export const uploadKey = (upload: Upload): string => `uploads/${upload.user}/${upload.pk}`;

/** What the signature of a part URL covers. */
export const partSignature = (secret: string, path: string, query: URLSearchParams): string => {
	const signed = new URLSearchParams(query);
	signed.delete('X-Amz-Signature');
	signed.sort();
	return sign(secret, 'PUT', path, signed.toString());
};

/** A URL to which one part can be PUT, for as long as the settings say. */
export const presignPart = (platform: Platform, upload: Upload, part: number): string => {
	const date = amzDate(platform.clock.wall());
	const path = `/${uploadBucket}/${uploadKey(upload)}`;
	const query = new URLSearchParams({
		uploadId: upload.s3UploadId,
		partNumber: String(part),
		'X-Amz-Algorithm': 'AWS4-HMAC-SHA256',
		'X-Amz-Credential': `SANDBOX/${date.slice(0, 8)}/eu-central-1/s3/aws4_request`,
		'X-Amz-Date': date,
		'X-Amz-Expires': String(platform.settings.presignedLifetimeSeconds),
		'X-Amz-SignedHeaders': 'host',
	});
	query.set('X-Amz-Signature', partSignature(platform.secret, path, query));
	return `${platform.origins.upload}${path}?${query.toString()}`;
};
