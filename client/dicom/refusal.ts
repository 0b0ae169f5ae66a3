import { asIs, badInput } from '../transport/errors';

/** Why a file is refused, in words that follow what it is called. Holds a tag at most, never a value of the file. */
export class Refusal extends Error {
	override readonly name = 'Refusal';

	constructor(
		message: string,
		readonly advice: string,
	) {
		super(message);
	}
}

export const damaged = (what: string): Refusal =>
	new Refusal(`is damaged, or not written as DICOM demands: ${what}`, 'Export it again from where it comes from, or repair it with a DICOM toolkit');

export const cutOff = (): Refusal => new Refusal('is cut off: it ends in the middle of its data', 'Check the step that this file comes from, or export it again');

/** For the end of a `catch`: what is refused as the error that people get, which tells the file. */
export const withFile = (error: unknown, called: string): unknown =>
	error instanceof Refusal ? badInput(`The ${called} ${error.message}`, error.advice) : asIs(error);
