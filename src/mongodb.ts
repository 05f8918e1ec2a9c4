/**
 * Users and groups in MongoDB, on the official driver.
 *
 * @module express-scim/mongodb
 */
export { mongoStore, type MongoStore, type MongoStoreOptions } from './stores/mongodb/mongo-store.js';
export { createScimIndexes, type CollectionOptions, type IndexOptions } from './stores/mongodb/indexes.js';
export { dispatchMongoOutbox, type MongoDispatchOptions } from './stores/mongodb/dispatch-outbox.js';
