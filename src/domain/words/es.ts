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

  'newLinks.subject': 'Sus mensajes de {company}',
  'newLinks.text': 'Ha pedido enlaces nuevos. Aquí puede leer los mensajes de {company} y responderlos:',
  'newLinks.general': 'Mensajes',
  'newLinks.notYou': 'Si no los ha pedido usted, no tiene que hacer nada.',
  'page.title': 'Mensajes de {company}',
  'page.you': 'Usted',
  'page.viaEmail': 'Correo electrónico',
  'page.viaPage': 'Esta página',
  'page.today': 'Hoy',
  'page.yesterday': 'Ayer',
  'page.older': 'Mostrar mensajes anteriores',
  'page.none': 'Todavía no hay mensajes.',
  'page.message': 'Su mensaje',
  'page.send': 'Enviar',
  'page.attach': 'Adjuntar archivos',
  'page.drop': 'Suelte los archivos para adjuntarlos',
  'page.files': 'Archivos adjuntos',
  'page.file': 'Archivo',
  'page.uploading': 'Subiendo…',
  'page.again': 'Subir {file} otra vez',
  'page.remove': 'Quitar {file}',
  'page.rejected': 'Esta candidatura ha terminado, por lo que ya no puede escribir aquí.',
  'page.turnTo': 'Si tiene alguna pregunta, escriba a {contact}.',
  'page.failed':
    'No ha funcionado. Compruebe su conexión e inténtelo de nuevo: lo que ha escrito sigue aquí.',
  'page.tooMuch': 'Ha sido mucho de una vez. Espere unos minutos e inténtelo de nuevo.',
  'page.notUploaded': 'No se ha subido. Inténtelo de nuevo o quítelo.',
  'page.tooMany': 'Un mensaje admite 10 archivos. Envíe los demás con el siguiente.',
  'page.withFaults':
    'No todos los archivos se pueden enviar. Quite los marcados en rojo o inténtelo de nuevo.',
  'page.emptyFile': 'El archivo está vacío.',
  'page.tooLarge': 'El archivo ocupa más de 20 MB. Envíe uno más pequeño.',
  'page.wrongFile':
    'Este tipo de archivo no se puede enviar aquí. Envíe una imagen, un PDF, un archivo de Office, texto sin formato, una grabación o un vídeo.',
  'page.goneTitle': 'Este enlace ya no funciona',
  'page.gone':
    'Si tiene un correo más reciente de la empresa, abra el enlace que contiene. O pida que le envíen uno nuevo.',
  'page.broken':
    'Falta una parte de la dirección. Abra el enlace del correo más reciente que tenga de la empresa.',
  'page.email': 'Su dirección de correo electrónico',
  'page.emailWrong': 'Escriba su dirección de correo completa.',
  'page.ask': 'Enviarme un enlace nuevo',
  'page.askedTitle': 'Mire su correo',
  'page.asked': 'Si la empresa conoce esta dirección, un correo con un enlace nuevo está en camino.',
};
