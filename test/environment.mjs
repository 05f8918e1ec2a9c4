import vm from 'node:vm';
import { TestEnvironment } from 'jest-environment-node';

/**
 * Jest's environment for Node, with ordinary globals. In Jest's own context V8 calls an interceptor at each use of a
 * global such as `Object`: some 0.3 µs in a context of `vm.createContext()`, and none that shows here (Node 20).
 */
export default class PlainGlobals extends TestEnvironment {
  constructor(...given) {
    const { createContext } = vm;
    vm.createContext = () => createContext(vm.constants.DONT_CONTEXTIFY);
    try {
      super(...given);
    } finally {
      vm.createContext = createContext;
    }
  }
}
