import type { ResourceOperations } from '../operation';
import { account } from './account';
import { algorithm } from './algorithm';
import { algorithmEndpoint } from './algorithmEndpoint';
import { algorithmInvocation } from './algorithmInvocation';
import { algorithmJob } from './algorithmJob';
import { answer } from './answer';
import { archive } from './archive';
import { archiveItem } from './archiveItem';
import { challenge } from './challenge';
import { containerImage } from './containerImage';
import { displaySet } from './displaySet';
import { evaluation } from './evaluation';
import { image } from './image';
import { question } from './question';
import { readerStudy } from './readerStudy';
import { socket } from './socket';
import { upload } from './upload';
import { uploadSession } from './uploadSession';
import { viewer } from './viewer';
import { viewerConfiguration } from './viewerConfiguration';
import { viewerSession } from './viewerSession';

/** In the order of the list in the editor. */
export const resources: ResourceOperations[] = [
	account,
	algorithm,
	algorithmEndpoint,
	algorithmInvocation,
	algorithmJob,
	answer,
	archive,
	archiveItem,
	challenge,
	containerImage,
	displaySet,
	evaluation,
	image,
	question,
	readerStudy,
	socket,
	upload,
	uploadSession,
	viewer,
	viewerConfiguration,
	viewerSession,
];
