import type { User } from '../../contract/resource.js';
import { enterprise } from '../requests.js';

/** A value for each attribute that most stores keep. */
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
  [enterprise]: { department: 'R & D', costCenter: '1.5', manager: { value: 'u-1' } },
};
