/*
 * The primitives every page is built from. Colours are Tailwind names over the tokens in app.css: text-ink, text-ink-2,
 * text-ink-3, bg-canvas, bg-surface, bg-sunken, bg-hover, border-line, bg-accent(-soft), text-accent-text, and
 * warn / danger / ok / auto / note with their -soft grounds. `font-display` is for page titles and names only.
 *
 *   Button            variant 'primary' | 'secondary' | 'quiet' | 'danger', size 'sm' | 'md', busy, icon
 *   IconButton        label (required; also its tooltip), icon, size; `ButtonLink` looks like a Button and goes to `href`
 *   AttachButton      label, onFiles, iconOnly?, multiple?: a paper clip that lets one choose files
 *   DownloadLink      looks like a Button; saves the file at `href`
 *   TextLink          a link inside the app
 *   Dialog            open, onOpenChange, title, description?, footer?, size?: traps and gives back the focus
 *   ConfirmDialog     open, onOpenChange, title, body, confirmLabel, danger?, onConfirm (may be async; errors are shown)
 *   Menu              trigger, label?, children: MenuItem (icon, onSelect, danger, disabled), MenuLink, MenuLabel, MenuSeparator
 *   Popover           trigger, label, children
 *   Tabs, TabPanel    label, value, onChange, items [{ value, label, count? }], panelId? when the panel is elsewhere
 *   TextField         label, hint?, error?, hideLabel? + every prop of <input>; TextArea, SelectField (options), Checkbox, Switch
 *   Combobox          label, options [{ value, label, hint? }], value, onChange, onSearch? (when the server searches), clearable?
 *   Form              error, onSubmit(): without default handling; the first field at fault gets the focus
 *   FormDialog        title, error, busy, submitLabel, onSubmit, onClose: a Form in a Dialog, with FormError (shown?) and Cancel
 *   FormError         a refusal of the server above the form's buttons; give fields `error={error?.fieldError('name')}`
 *   Avatar            name, size?      Badge  tone, children      CountBadge  count, label
 *   StatusDot         status: the dot and its word (R-CHAT-10)
 *   ChannelIcon       channel          MessageTicks  state: the ticks of an outgoing message, with their word
 *   toast(), Toaster  toast({ title, body?, tone?, action? }); toastError(error)
 *   EmptyState        icon, title, children?, action?      ErrorState  error, onRetry      NotFound
 *   Skeleton, LoadingRows
 *   Tooltip           text, children
 *   Time, RelativeTime, Countdown, WaitingTime
 *   Page, PageHeader  the frame of a page with its h1, actions and scrolling body; sets document.title
 *   brandStyle(brand), BrandLogo   the company's look, on pages for candidates
 *   PublicPage, AwaitedPublicPage  title, …: for somebody from outside, who came by a link
 */
export { Button, ButtonLink, DownloadLink, IconButton, TextLink } from './button';
export { AttachButton } from './attach-button';
export { BrandLogo, brandStyle } from './brand';
export { Dialog, ConfirmDialog } from './dialog';
export { Menu, MenuItem, MenuLabel, MenuLink, MenuSeparator, Popover, Tooltip } from './menu';
export { Tabs, TabPanel } from './tabs';
export { TabbedPage } from './tabbed-page';
export { Form } from './form';
export { FormDialog } from './form-dialog';
export { FormError } from './form-error';
export { SelectField, TextArea, TextField } from './fields';
export { Checkbox, Switch } from './toggles';
export { Combobox } from './combobox';
export { Avatar, Badge, ChannelIcon, CountBadge, MessageTicks, StatusDot, UploadBar } from './marks';
export { toast, toastError, Toaster } from './toast';
export { EmptyState, ErrorState, focusOn, LoadingRows, NotFound, Skeleton } from './states';
export { Countdown, RelativeTime, Time, WaitingTime } from './time';
export { Page, PageHeader, usePageTitle } from './page';
export { AwaitedPublicPage, PublicPage } from './public-page';
export { cx } from './cx';
