import type { Words } from './words';

/** Spanish. */
export const es: Words = {
  'help.text':
    '{company}: le escribimos sobre ofertas de empleo y candidaturas. Responda STOP para dejar de recibir mensajes y START para volver a recibirlos.',
  'help.contact': 'Preguntas: {contact}',

  'mail.why': 'Recibe este correo electrónico porque está en contacto con {company}.',
  'mail.seeMessage': 'Ver mensaje',
  'mail.howToAnswer': 'Puede responder a este correo, o responder y enviar archivos en su página.',
  'mail.unsubscribe': 'Darse de baja',

  'unsubscribe.title': 'Darse de baja',
  'unsubscribe.ask': '¿No quiere recibir más correos electrónicos de {company}?',
  'unsubscribe.address': 'Se envían a {address}.',
  'unsubscribe.what':
    'También dejará de recibir los correos sobre sus candidaturas. Puede volver a suscribirse en esta página.',
  'unsubscribe.submit': 'Darse de baja',
  'unsubscribe.doneTitle': 'Se ha dado de baja',
  'unsubscribe.done': '{company} ya no envía correos electrónicos a {address}.',
  'unsubscribe.doneSomewhere': '{company} ya no envía correos electrónicos a esta dirección.',
  'unsubscribe.changed': '¿Ha cambiado de opinión?',
  'unsubscribe.again': 'Volver a suscribirse',
  'unsubscribe.goneTitle': 'Este enlace no funciona',
  'unsubscribe.gone':
    'Copie la dirección completa del correo, o responda a él e indique que no quiere recibir más.',
};
