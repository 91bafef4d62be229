import { ApiError } from '../../src/web/src/api';

it('what the server says of a field stands beneath it as a sentence of its own', () => {
  const error = new ApiError(422, {
    errors: [
      { path: 'to', message: 'enter at least one address' },
      { path: 'body.email', message: 'is used by another user' },
    ],
  });
  expect(error.fieldError('to')).toBe('Enter at least one address');
  expect(error.fieldError('email')).toBe('Is used by another user');
  expect(error.fieldError('name')).toBeUndefined();
});
