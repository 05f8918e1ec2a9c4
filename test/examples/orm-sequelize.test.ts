import { open } from '../../examples/orm/sequelize/app.js';
import { ormCases } from './orm-cases.js';

ormCases('Sequelize', open);
