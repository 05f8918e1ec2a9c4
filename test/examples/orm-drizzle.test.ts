import { open } from '../../examples/orm/drizzle/app.js';
import { ormCases } from './orm-cases.js';

ormCases('Drizzle', open);
