/** Of what stands by itself on the screen: the server's words for one field go on from its name. */
export const asSentence = (message: string): string => message.charAt(0).toUpperCase() + message.slice(1);
