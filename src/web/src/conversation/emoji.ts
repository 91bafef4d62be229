export const reactionEmoji = [
  { emoji: '👍', name: 'Thumbs up' },
  { emoji: '❤️', name: 'Heart' },
  { emoji: '😂', name: 'Laughing' },
  { emoji: '😮', name: 'Surprised' },
  { emoji: '🙏', name: 'Thank you' },
  { emoji: '🎉', name: 'Hooray' },
];

/** A few that fit writing to candidates. */
export const composerEmoji = [
  ...reactionEmoji,
  { emoji: '🙂', name: 'Smile' },
  { emoji: '😀', name: 'Grin' },
  { emoji: '😉', name: 'Wink' },
  { emoji: '😊', name: 'Happy' },
  { emoji: '🤔', name: 'Thinking' },
  { emoji: '😕', name: 'Unsure' },
  { emoji: '👋', name: 'Wave' },
  { emoji: '👏', name: 'Applause' },
  { emoji: '💪', name: 'Strong' },
  { emoji: '🤝', name: 'Handshake' },
  { emoji: '✅', name: 'Done' },
  { emoji: '📅', name: 'Calendar' },
  { emoji: '⏰', name: 'Clock' },
  { emoji: '📍', name: 'Place' },
  { emoji: '📎', name: 'Paperclip' },
  { emoji: '☕', name: 'Coffee' },
  { emoji: '🚀', name: 'Rocket' },
  { emoji: '✨', name: 'Sparkles' },
];
