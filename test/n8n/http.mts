/** The body of an answer, which whoever calls knows the form of. */
export const jsonOf = async <Result,>(answer: Response): Promise<Result> => {
	const result: Result = JSON.parse(await answer.text());
	return result;
};
