// Which conversation is on the screen; its own news need no toast.
let shown: string | null = null;

export const shownConversation = (): string | null => shown;

export function setShownConversation(conversationId: string | null): void {
  shown = conversationId;
}
