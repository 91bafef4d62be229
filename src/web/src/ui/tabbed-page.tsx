import type { ComponentProps, ReactNode } from 'react';
import { TabPanel, Tabs } from './tabs';

/** A page whose tabs choose what of it is shown; the panel scrolls. */
export function TabbedPage<T extends string>({
  children,
  ...tabs
}: Pick<ComponentProps<typeof Tabs<T>>, 'label' | 'value' | 'onChange' | 'items'> & {
  header: ReactNode;
  children: ReactNode;
}) {
  return (
    <Tabs
      className="flex h-full min-h-0 flex-col [&>header]:border-b-0"
      listClassName="shrink-0 bg-surface px-4 sm:px-8"
      {...tabs}
    >
      <TabPanel value={tabs.value} className="scroll-y min-h-0 flex-1 px-4 pt-2 pb-10 sm:px-8">
        {children}
      </TabPanel>
    </Tabs>
  );
}
