import type { en } from './en';

export type WordKey = keyof typeof en;

/** All that is said to candidates, in one language. */
export type Words = Readonly<Record<WordKey, string>>;

type NamesIn<Text> = Text extends `${string}{${infer Name}}${infer Rest}` ? Name | NamesIn<Rest> : never;

/** The values that a text has places for: none, or an object of them. */
export type ValuesOf<K extends WordKey> = [NamesIn<(typeof en)[K]>] extends [never]
  ? []
  : [Record<NamesIn<(typeof en)[K]>, string>];
