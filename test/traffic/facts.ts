export { contradiction, type Fact, valuesAt } from '../../src/simulator/fact.js';
