import { open } from '../../examples/orm/knex/app.js';
import { ormCases } from './orm-cases.js';

ormCases('Knex', open);
