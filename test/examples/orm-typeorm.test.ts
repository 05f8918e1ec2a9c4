import { open } from '../../examples/orm/typeorm/app.js';
import { ormCases } from './orm-cases.js';

ormCases('TypeORM', open);
