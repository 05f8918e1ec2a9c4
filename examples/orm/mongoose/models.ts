// The models of the application. Users and teams are documents of the SCIM store, which the application only reads; what it
// keeps about them itself is in a collection of its own.
import { type Connection, Schema } from 'mongoose';

/** Fails every write: other code must not change documents of the store. */
function readOnly(schema: Schema): void {
  const fail = (): never => {
    throw new Error('Only SCIM changes users and teams.');
  };
  schema.pre(['save', 'updateOne', 'deleteOne'], { document: true, query: true }, fail);
  schema.pre(['updateMany', 'replaceOne', 'findOneAndUpdate', 'findOneAndReplace'], fail);
  schema.pre(['deleteMany', 'findOneAndDelete'], fail);
  schema.pre('insertMany', fail);
  schema.pre('bulkWrite', fail);
}

// The store creates collection and indexes itself.
const ofStore = { collection: 'scim_resources', autoCreate: false, autoIndex: false, versionKey: false } as const;

const memberSchema = new Schema(
  { _id: String, type: String, attributes: { userName: String, displayName: String, active: Boolean } },
  ofStore,
);
memberSchema.plugin(readOnly);

const teamSchema = new Schema(
  { _id: String, type: String, attributes: { displayName: String }, members: [{ _id: false, value: String }] },
  ofStore,
);
teamSchema.plugin(readOnly);

const profileSchema = new Schema({ _id: String, mayHoldAssets: { type: Boolean, required: true } });

export function defineModels(connection: Connection) {
  return {
    Member: connection.model('Member', memberSchema),
    Team: connection.model('Team', teamSchema),
    Profile: connection.model('Profile', profileSchema),
  };
}
