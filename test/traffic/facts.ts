export { contradiction, type Fact, valuesAt } from '../../src/tools/simulator/fact.js';
