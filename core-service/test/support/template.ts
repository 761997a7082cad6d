/** Copied for every test file: migrating takes a second, copying a tenth. */
export const TEMPLATE = 'stylizer_template';
