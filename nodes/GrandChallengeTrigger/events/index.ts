import type { TriggerEvent } from '../event';
import { algorithmJobFinished } from './algorithmJob';
import { answerAdded, answerChanged } from './answer';
import { archiveItemAdded, archiveItemChanged, displaySetAdded, displaySetChanged } from './cases';
import { challengeChanged } from './challenge';
import { containerImageImported } from './containerImage';
import { claimableEvaluation, evaluationAdded, evaluationFinished, rankChanged } from './evaluation';
import { imageAdded } from './image';
import { readerFinished } from './readerFinished';

/** In the order of the list in the editor. */
export const events: TriggerEvent[] = [
	algorithmJobFinished,
	answerAdded,
	answerChanged,
	archiveItemAdded,
	archiveItemChanged,
	challengeChanged,
	claimableEvaluation,
	containerImageImported,
	displaySetAdded,
	displaySetChanged,
	evaluationAdded,
	evaluationFinished,
	imageAdded,
	rankChanged,
	readerFinished,
];
