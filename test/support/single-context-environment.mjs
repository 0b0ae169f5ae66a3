// A jest environment that runs tests in Node's own realm. Jest's default one gives each test file a realm of its own, in which
// errors made by Node itself (ECONNREFUSED, AbortError) are not `instanceof Error`: n8n-core and axios then misread them.
// jest-environment-node-single-context 29.4 patches vm.Script, which jest 30 no longer uses, hence these few lines.
import vm from 'node:vm';
import { ModernFakeTimers } from '@jest/fake-timers';
import { ModuleMocker } from 'jest-mock';

const compileFunction = vm.compileFunction;
const ownContext = vm.createContext({});

// Jest compiles every module "into" the environment's context: ours means the main one. The main loader serves import(), so that
// packages that exist only as ES modules (file-type in n8n-core, ESLint's configuration files) load too.
vm.compileFunction = (code, params, options) =>
	options?.parsingContext === ownContext
		? compileFunction(code, params, {
				filename: options.filename,
				importModuleDynamically: vm.constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
			})
		: compileFunction(code, params, options);

export default class SingleContextEnvironment {
	global = globalThis;
	fakeTimers = null;

	constructor({ projectConfig }) {
		this.before = Object.getOwnPropertyDescriptors(globalThis);
		this.moduleMocker = new ModuleMocker(globalThis);
		this.fakeTimersModern = new ModernFakeTimers({ config: projectConfig, global: globalThis });
	}

	exportConditions() {
		return ['node', 'node-addons'];
	}

	getVmContext() {
		return ownContext;
	}

	async setup() {}

	// The realm outlives the test file: what the file, or jest for it, put on it goes again (console, expect, test …).
	async teardown() {
		this.fakeTimersModern.dispose();
		for (const key of Reflect.ownKeys(globalThis)) {
			const before = this.before[key];
			const now = Object.getOwnPropertyDescriptor(globalThis, key);
			if (!now?.configurable) continue;
			if (!before) delete globalThis[key];
			else if (before.value !== now.value || before.get !== now.get) Object.defineProperty(globalThis, key, before);
		}
	}
}
