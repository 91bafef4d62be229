export { ConversationView } from './conversation-view';
export { MessageList } from './message-list';
export { Timeline } from './timeline';
export { useHasMessages } from './use-conversation';
