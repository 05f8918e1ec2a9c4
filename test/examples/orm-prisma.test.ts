import { open } from '../../examples/orm/prisma/app.js';
import { ormCases } from './orm-cases.js';

ormCases('Prisma', open);
