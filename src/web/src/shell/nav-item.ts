/** How an entry of the navigation looks: icon over word. */
export const navItemClass =
  'relative flex min-h-14 min-w-0 flex-1 flex-col items-center justify-center gap-0.5 px-1 text-[0.75rem] font-medium text-ink-2 hover:text-ink sm:min-h-0 sm:w-16 sm:flex-none sm:rounded-xl sm:py-2 sm:hover:bg-hover';
