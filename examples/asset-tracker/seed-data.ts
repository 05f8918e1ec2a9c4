import type { Role } from './database.js';

interface Options {
  readonly role?: Role;
  /** A contractor, without an employee number. */
  readonly outside?: boolean;
  readonly signIn?: boolean;
  readonly holds?: boolean;
}

/** First name, last name, title, department, location, manager. A manager comes before the members they manage. */
type SeedMember = readonly [string, string, string, string, string, (string | undefined)?, Options?];

export const departments = ['Operations', 'Engineering', 'Design', 'Sales', 'HR', 'Finance'];
export const locations = ['London', 'Leeds', 'Porto', 'Remote'];

export const members: readonly SeedMember[] = [
  ['Robin', 'Hale', 'Head of Operations', 'Operations', 'London', undefined, { role: 'owner' }],
  ['Dana', 'Whitfield', 'Engineering Director', 'Engineering', 'London', 'Robin Hale'],
  ['Priya', 'Raman', 'IT Lead', 'Operations', 'London', 'Robin Hale'],
  ['Tomasz', 'Wilk', 'Stores Technician', 'Operations', 'Leeds', 'Priya Raman'],
  ['Sam', 'Ortiz', 'Firmware Engineer', 'Engineering', 'London', 'Dana Whitfield'],
  ['Mei', 'Chen', 'Senior Engineer', 'Engineering', 'Remote', 'Dana Whitfield'],
  ['Callum', 'Reid', 'Test Engineer', 'Engineering', 'Leeds', 'Dana Whitfield'],
  ['Ayo', 'Balogun', 'Embedded Engineer', 'Engineering', 'London', 'Dana Whitfield'],
  ['Inês', 'Duarte', 'Design Lead', 'Design', 'Porto', 'Robin Hale'],
  ['Noor', 'Haddad', 'Product Designer', 'Design', 'Porto', 'Inês Duarte'],
  ['Leo', 'Martins', 'Industrial Designer', 'Design', 'Porto', 'Inês Duarte'],
  ['Grace', 'Okafor', 'Sales Director', 'Sales', 'London', 'Robin Hale'],
  ['Hugo', 'Lindqvist', 'Account Manager', 'Sales', 'Remote', 'Grace Okafor'],
  ['Ellen', 'Price', 'Account Manager', 'Sales', 'Leeds', 'Grace Okafor'],
  ['Yusuf', 'Demir', 'Field Engineer', 'Sales', 'Remote', 'Grace Okafor'],
  ['Maria', 'Kovács', 'HR Partner', 'HR', 'London', 'Robin Hale'],
  ['Oliver', 'Nash', 'Recruiter', 'HR', 'Leeds', 'Maria Kovács', { holds: false }],
  ['Hannah', 'Stein', 'Finance Director', 'Finance', 'London', 'Robin Hale'],
  ['Raj', 'Patel', 'Accountant', 'Finance', 'London', 'Hannah Stein'],
  ['Zoë', 'Fairbanks', 'Payroll Specialist', 'Finance', 'Leeds', 'Hannah Stein'],
  ['Kenji', 'Mori', 'Calibration Engineer', 'Engineering', 'Leeds', 'Dana Whitfield'],
  ['Beth', 'Carver', 'Lab Technician', 'Operations', 'Leeds', 'Priya Raman'],
  ['Ivo', 'Petrov', 'Photographer', 'Design', 'Porto', 'Inês Duarte', { outside: true, signIn: false }],
  ['Fran', 'Bell', 'Auditor', 'Finance', 'Remote', 'Hannah Stein', { outside: true, holds: false }],
];

export const teams: readonly {
  readonly name: string;
  readonly lead: string;
  readonly role?: Exclude<Role, 'owner'>;
  readonly members: readonly string[];
}[] = [
  { name: 'IT Administrators', lead: 'Priya Raman', role: 'admin', members: ['Maria Kovács'] },
  { name: 'Stores', lead: 'Tomasz Wilk', role: 'technician', members: ['Beth Carver', 'Kenji Mori'] },
  { name: 'Firmware', lead: 'Sam Ortiz', members: ['Mei Chen', 'Ayo Balogun', 'Callum Reid'] },
  { name: 'Studio', lead: 'Inês Duarte', members: ['Noor Haddad', 'Leo Martins', 'Ivo Petrov'] },
  {
    name: 'Field Sales',
    lead: 'Grace Okafor',
    role: 'viewer',
    members: ['Hugo Lindqvist', 'Ellen Price', 'Yusuf Demir'],
  },
];

/** Tag, name, category, who has it. Sam holds three. */
export const assets: readonly (readonly [string, string, string, string?])[] = [
  ['LT-014', 'ThinkPad X1 Carbon', 'Laptop', 'Sam Ortiz'],
  ['OS-003', 'Bench oscilloscope, 4 channels', 'Instrument', 'Sam Ortiz'],
  ['PH-021', 'Test phone, Android', 'Phone', 'Sam Ortiz'],
  ['LT-001', 'MacBook Pro 14″', 'Laptop', 'Robin Hale'],
  ['LT-002', 'MacBook Pro 14″', 'Laptop', 'Dana Whitfield'],
  ['LT-003', 'ThinkPad T14', 'Laptop', 'Priya Raman'],
  ['LT-004', 'ThinkPad T14', 'Laptop', 'Tomasz Wilk'],
  ['LT-005', 'MacBook Pro 16″', 'Laptop', 'Mei Chen'],
  ['LT-006', 'ThinkPad P1', 'Laptop', 'Callum Reid'],
  ['LT-007', 'ThinkPad P1', 'Laptop', 'Ayo Balogun'],
  ['LT-008', 'MacBook Pro 16″', 'Laptop', 'Inês Duarte'],
  ['LT-009', 'MacBook Air 13″', 'Laptop', 'Noor Haddad'],
  ['LT-010', 'MacBook Pro 16″', 'Laptop', 'Leo Martins'],
  ['LT-011', 'ThinkPad X1 Carbon', 'Laptop', 'Grace Okafor'],
  ['LT-012', 'ThinkPad X1 Carbon', 'Laptop', 'Hugo Lindqvist'],
  ['LT-013', 'ThinkPad X1 Carbon', 'Laptop', 'Ellen Price'],
  ['LT-015', 'ThinkPad X1 Carbon', 'Laptop', 'Yusuf Demir'],
  ['LT-016', 'MacBook Air 13″', 'Laptop', 'Maria Kovács'],
  ['LT-017', 'ThinkPad T14', 'Laptop', 'Hannah Stein'],
  ['LT-018', 'ThinkPad T14', 'Laptop', 'Raj Patel'],
  ['LT-019', 'ThinkPad T14', 'Laptop', 'Zoë Fairbanks'],
  ['LT-020', 'ThinkPad T14, spare', 'Laptop'],
  ['LT-021', 'ThinkPad T14, spare', 'Laptop'],
  ['LT-022', 'MacBook Air 13″, loan', 'Laptop'],
  ['OS-001', 'Bench oscilloscope, 2 channels', 'Instrument'],
  ['OS-002', 'Bench oscilloscope, 4 channels', 'Instrument', 'Ayo Balogun'],
  ['MM-001', 'Multimeter, 6½ digits', 'Instrument', 'Kenji Mori'],
  ['MM-002', 'Multimeter, handheld', 'Instrument', 'Callum Reid'],
  ['MM-003', 'Multimeter, handheld', 'Instrument'],
  ['SG-001', 'Signal generator', 'Instrument', 'Kenji Mori'],
  ['TC-001', 'Thermal camera', 'Camera', 'Yusuf Demir'],
  ['CA-001', 'Mirrorless camera', 'Camera', 'Ivo Petrov'],
  ['CA-002', 'Lens, 24–70 mm', 'Camera', 'Ivo Petrov'],
  ['CA-003', 'Tripod, carbon', 'Camera'],
  ['PH-020', 'Test phone, iOS', 'Phone', 'Mei Chen'],
  ['PH-022', 'Test phone, Android', 'Phone'],
  ['PH-030', 'Field phone', 'Phone', 'Hugo Lindqvist'],
  ['TB-001', 'Tablet, stock-taking', 'Tablet', 'Tomasz Wilk'],
  ['TB-002', 'Tablet, stock-taking', 'Tablet', 'Beth Carver'],
  ['TB-003', 'Drawing tablet', 'Tablet', 'Noor Haddad'],
  ['PR-001', 'Projector, portable', 'Display'],
  ['MO-014', 'Monitor, 27″ 4K', 'Display', 'Mei Chen'],
  ['MO-015', 'Monitor, 27″ 4K', 'Display', 'Leo Martins'],
  ['MO-016', 'Monitor, 27″ 4K', 'Display'],
  ['KY-001', 'Security key, spare', 'Access', 'Priya Raman'],
  ['KY-002', 'Stores key ring', 'Access', 'Tomasz Wilk'],
  ['VN-001', 'Delivery van', 'Vehicle', 'Beth Carver'],
  ['SO-001', 'Soldering station', 'Tool', 'Ayo Balogun'],
  ['SO-002', 'Soldering station', 'Tool'],
];
