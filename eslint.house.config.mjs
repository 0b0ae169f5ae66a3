// The house's own rules, run after n8n's configuration (eslint.config.mjs, which n8n wants untouched):
//   eslint . --config eslint.house.config.mjs --max-warnings 0
import js from '@eslint/js';
import { globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';

const runtime = ['nodes/**/*.ts', 'credentials/**/*.ts', 'client/**/*.ts'];
const dev = ['**/*.mts'];
const plain = ['**/*.mjs', '**/*.js'];

// --- how code is written -------------------------------------------------------------------------------------------

// Generators have no arrow form, and n8n hands its context to functions as `this`; everything else is an arrow.
const plainFunction = '[generator=false]:not([params.0.name="this"]):not(:has(ThisExpression))';
const arrows = [
	{ selector: `FunctionDeclaration${plainFunction}`, message: 'Write an arrow function: const name = () => …' },
	{
		selector: `:not(MethodDefinition, Property[method=true], Property[kind="get"], Property[kind="set"]) > FunctionExpression${plainFunction}`,
		message: 'Write an arrow function.',
	},
];

const doubleCast = {
	selector: ':matches(TSAsExpression, TSTypeAssertion) > TSAsExpression.expression',
	message: 'A cast through another type hides what the value is: check it instead.',
};

const dynamicImport = {
	selector: 'ImportExpression',
	message: 'Runtime code imports at the top, where the rules for imports see it.',
};

const style = {
	'object-shorthand': 'error',
	'prefer-const': 'error',
	eqeqeq: ['error', 'always', { null: 'ignore' }],
};

const typescript = {
	'@typescript-eslint/no-explicit-any': 'error',
	'@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', ignoreRestSiblings: true }],
	'@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
	'@typescript-eslint/no-floating-promises': 'error',
	'@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: { arguments: false, attributes: false } }],
	'@typescript-eslint/await-thenable': 'error',
	'@typescript-eslint/only-throw-error': 'error',
};

const typed = {
	languageOptions: { parserOptions: { project: 'tsconfig.dev.json', tsconfigRootDir: import.meta.dirname } },
};

// --- which way the imports point -----------------------------------------------------------------------------------

const devFolders = 'sandbox|test|scripts|benchmark|examples|docs|dist|node_modules';

const imports = (packages, folders, message) => ({
	'no-restricted-imports': 'off',
	'@typescript-eslint/no-restricted-imports': [
		'error',
		{
			patterns: [
				{
					regex: `^(?!\\.{1,2}(/|$)|(${packages})$)`,
					message: `Only these packages: ${packages.replaceAll('|', ', ')}.`,
				},
				{ regex: `^(\\.{1,2}/)+(${folders})(/|$)`, message },
			],
		},
	],
});

// What n8n's rule for community nodes forbids in nodes, and what must come through a port.
const forbiddenGlobals = [
	...['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'setImmediate', 'clearImmediate'],
	...['process', 'global', 'globalThis', 'require', 'module', '__dirname', '__filename', 'fetch', 'console'],
].map((name) => ({ name, message: 'Runtime code sees the world through its ports.' }));

export default tseslint.config(
	globalIgnores(['dist/', '.demo/', 'coverage/']),
	js.configs.recommended,
	{
		linterOptions: { reportUnusedDisableDirectives: 'error' },
		languageOptions: {
			globals: Object.fromEntries(Object.getOwnPropertyNames(globalThis).map((name) => [name, 'readonly'])),
		},
		rules: { ...style, 'no-restricted-syntax': ['error', ...arrows, doubleCast] },
	},
	{
		files: [...runtime, ...dev],
		extends: [tseslint.configs.recommended],
		...typed,
		rules: typescript,
	},
	{
		files: runtime,
		extends: [tseslint.configs.recommendedTypeCheckedOnly],
		linterOptions: { noInlineConfig: true },
		rules: {
			...typescript,
			'@typescript-eslint/consistent-type-assertions': ['error', { assertionStyle: 'never' }],
			'@typescript-eslint/no-non-null-assertion': 'error',
			'@typescript-eslint/require-await': 'off',
			'no-restricted-syntax': ['error', ...arrows, dynamicImport],
			'no-restricted-globals': ['error', ...forbiddenGlobals],
		},
	},
	{
		files: ['nodes/**/*.ts', 'credentials/**/*.ts'],
		rules: imports('n8n-workflow|node:crypto|crypto', devFolders, 'Runtime code is published, this folder is not.'),
	},
	{
		files: ['client/**/*.ts'],
		rules: imports(
			'node:crypto|crypto',
			`nodes|credentials|${devFolders}`,
			'The client knows nothing of n8n and the rest.',
		),
	},
	{
		files: ['**/*.js'],
		languageOptions: {
			sourceType: 'commonjs',
			globals: { require: 'readonly', module: 'writable', exports: 'writable' },
		},
	},
	{
		files: plain,
		rules: { 'no-unused-vars': ['error', { argsIgnorePattern: '^_' }] },
	},
);
