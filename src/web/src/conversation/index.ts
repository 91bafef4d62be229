export { ConversationView } from './conversation-view';
export { Timeline } from './timeline';
