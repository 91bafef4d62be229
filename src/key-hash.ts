export { createKeyHash } from './seal';
