import type { ResourceOperations } from '../operation';
import { account } from './account';
import { algorithm } from './algorithm';
import { algorithmJob } from './algorithmJob';
import { archive } from './archive';
import { archiveItem } from './archiveItem';
import { image } from './image';
import { socket } from './socket';

/** In the order of the list in the editor. */
export const resources: ResourceOperations[] = [account, algorithm, algorithmJob, archive, archiveItem, image, socket];
