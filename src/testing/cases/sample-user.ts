import type { User } from '../../contract/resource.js';
import { enterprise } from '../requests.js';

/** A value for each attribute of the schemas that a store keeps. */
export const sampleUser: Partial<User> = {
  externalId: '00u1a2b3',
  displayName: 'Ada Lovelace',
  nickName: 'Ada',
  title: 'Engineer',
  userType: 'Employee',
  preferredLanguage: 'en-GB',
  locale: 'en-GB',
  timezone: 'Europe/London',
  profileUrl: 'https://users.example.com/ada',
  active: false,
  name: { givenName: 'Ada', familyName: 'Lovelace', middleName: 'King' },
  emails: [{ value: 'ada@example.com', type: 'work', primary: true }],
  phoneNumbers: [{ value: 'tel:+44-1632-960001', type: 'work' }],
  addresses: [{ streetAddress: '1 Harbour Road', locality: 'London', country: 'GB', type: 'work' }],
  ims: [{ value: 'ada.lovelace', type: 'xmpp' }],
  photos: [{ value: 'https://users.example.com/ada.png', type: 'photo' }],
  entitlements: [{ value: 'payroll', display: 'Payroll', type: 'app' }],
  roles: [{ value: 'engineer', display: 'Engineer', primary: true }],
  x509Certificates: [{ value: 'MIIBszCCARygAwIBAgIBADANBgkqhkiG9w0BAQsFADA=', display: 'Smart card' }],
  [enterprise]: { department: 'R & D', costCenter: '1.5', manager: { value: 'u-1' } },
};
