import type { User } from '../../contract/resource.js';
import { enterprise } from '../requests.js';

/**
 * A value for each attribute of the schemas that a store keeps: with every part, in mixed letter case, and with values
 * that differ in one part alone, not in the order of their texts, and not the primary one first.
 */
export const sampleUser: Partial<User> = {
  externalId: '00u1A2b3',
  displayName: 'Ada Lovelace',
  nickName: 'Ada',
  title: 'Engineer',
  userType: 'Employee',
  preferredLanguage: 'en-GB',
  locale: 'en-GB',
  timezone: 'Europe/London',
  profileUrl: 'https://Users.Example.com',
  active: false,
  name: {
    formatted: 'Lady Ada K. Lovelace, PhD',
    familyName: 'Lovelace',
    givenName: 'Ada',
    middleName: 'King',
    honorificPrefix: 'Lady',
    honorificSuffix: 'PhD',
  },
  emails: [
    { value: 'Private@Example.com', type: 'Home', display: 'Private' },
    { value: 'Ada@Example.com', type: 'Work', display: 'Office', primary: true },
    { value: 'Ada@Example.org', type: 'Work' },
  ],
  phoneNumbers: [
    { value: 'tel:+44-1632-960001', type: 'work', display: 'Desk' },
    { value: 'tel:+44-1632-960001', type: 'fax' },
    { value: 'tel:+44-1632-960000', type: 'work', primary: true },
  ],
  addresses: [
    {
      formatted: '2 Harbour Road\nLondon',
      streetAddress: '2 Harbour Road',
      locality: 'London',
      region: 'Greater London',
      postalCode: 'E16 1AA',
      country: 'GB',
      type: 'work',
    },
    { streetAddress: '1 Harbour Road', locality: 'London', country: 'GB', type: 'work', primary: true },
  ],
  ims: [
    { value: 'Ada.Lovelace', type: 'xmpp', display: 'Ada' },
    { value: 'Ada', type: 'skype', primary: true },
  ],
  photos: [
    { value: 'https://Users.Example.com/Large.png', type: 'photo', display: 'Large' },
    { value: 'https://Users.Example.com/Ada.png', type: 'thumbnail', primary: true },
  ],
  entitlements: [
    { value: 'Payroll', display: 'Payroll', type: 'app' },
    { value: 'Assets', display: 'Assets', type: 'app', primary: true },
  ],
  roles: [
    { value: 'Engineer', display: 'Engineer', type: 'Team' },
    { value: 'Editor', display: 'Editor', type: 'App', primary: true },
  ],
  x509Certificates: [
    { value: 'MIIBszCCARygAwIBAgIBADANBgkqhkiG9w0BAQsFADA=', display: 'Smart card', type: 'card' },
    { value: 'MIIBszCCARygAwIBAgIBATANBgkqhkiG9w0BAQsFADA=', display: 'Laptop', primary: true },
  ],
  [enterprise]: {
    employeeNumber: 'No-0815',
    costCenter: '1.50',
    organization: 'Analytical Engines',
    division: 'Research',
    department: 'R & D',
    manager: { value: 'u-1' },
  },
};
